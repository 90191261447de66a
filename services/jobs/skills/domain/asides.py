"""Whether a name in a text is no more than an aside: denied, or part of what others are called, or what they are doing.

"No sales", "our sales team", "Department of Human Services", "is recruiting three nurses": the skill is named, and
nobody asks for it. Told by the words right before and behind the name, in its sentence.
"""

import re

NEAR = 80
"""Characters before and behind a name that are looked at."""
DENIED_AT_ONCE = re.compile(r"\b(?:no|non|not)[-\s]+$", re.IGNORECASE)
DENIED = re.compile(
    r"\b(?:no|not|never|cannot|\w+n['’]t)\s+"
    r"(?!(?:only|just|merely|simply|solely|limited|less|fewer|more|later|longer|matter|mind|afraid)\b)"
    r"(?:(?!(?:without|unless|until|but|than|if|except)\b)[\w'’/&-]+\s+){0,4}$", re.IGNORECASE)
"""With the few words between a denial and what it denies; "not considered without a CDL" denies no CDL."""
MORE = r"(?:,\s*(?:(?:and|or)\s+)?|&\s*|/\s*|\b(?:and|or)\s+)"
"""What parts the items of a list."""
ITEM = r"[\w-]+(?:\s+[\w-]+)?\s*"
PEOPLE = (r"\s+(?:teams?|departments?|depts?|divisions?|staff|personnel|colleagues|counterparts|reps|representatives"
          r"|executives|managers|directors|associates|agents|leaders|professionals|specialists|experts)\b"
          r"(?!\s+(?:members?|leads?|leaders?|leadership|manage\w+|players?|building|experience|wanted|needed))")
OF_PEOPLE = re.compile(PEOPLE, re.IGNORECASE)
OF_PEOPLE_TOO = re.compile(rf"(?:\s*{MORE}[\w-]+(?:\s+[\w-]+)??){{1,4}}{PEOPLE}", re.IGNORECASE)
"""The same behind the rest of a list: "sales and marketing team"."""
BESIDE = re.compile(
    r"\b(?:our|the|their|your|its|other|various|internal|across|between|among|from|to|by|with)\s+"
    rf"(?:{ITEM}{MORE}){{0,4}}$", re.IGNORECASE)
"""What others' names stand behind."""
NONE_IN_PARTICULAR = re.compile(r"\ban?\s+(?:[\w-]+\s+){0,3}$", re.IGNORECASE)
AMONG = re.compile(
    r"\b(?:(?:part|members?)\s+of\b|experience\w*\b|knowledge\b|familiar\w*\b|background\b|lead(?:s|ing)?\b|manag\w+|supervis\w+"
    r"|oversee\w*|head(?:s|ing)?\b|join\w*|build\w*|grow\w*|train\w*|coach\w*|mentor\w*|hir(?:e|es|ing)\b|recruit\w*"
    r"|direct(?:s|ing)?\b|seek\w*|look\w*\s+for\b|need\w*|want\w*)[^,;:]*$", re.IGNORECASE)
"""Whoever is one of such people, leads them or is looked for knows their work."""
ORGANISATION = re.compile(
    r"\b(?i:departments?|dept\.?|divisions?|bureau|ministry|office|agency|board|commission)\s+(?:of|for)\s+"
    r"(?:(?:[A-Z][\w'’-]*,?|and|&|the)\s+){0,4}$")
FIRM = re.compile(r"(?:\s+(?:&|and|[A-Z][\w.'’-]*)){0,3},?\s+(?:Inc|LLC|Ltd|Corp|Corporation|GmbH)\b")
UNDER = re.compile(
    r"\b(?:report(?:s|ing)?(?:\s+directly)?\s+to|under\s+the\s+(?:\w+\s+)?(?:supervision|direction|guidance)\s+of)\s+"
    r"(?:[\w'’&-]+\s+){0,6}$", re.IGNORECASE)
GOING_ON = re.compile(r"(?:\b(?:is|are|am)|['’](?:s|re|m))(?:\s+(?:\w+ly|now|also|always))?\s+$", re.IGNORECASE)
WITH_OBJECT = re.compile(
    r"\s+(?:for|an?|our|its|their|the|new|one|two|three|four|five|several|multiple|\d+)\b", re.IGNORECASE)
OF_THE_WORK = re.compile(
    r"\b(?:you|your|who|dut(?:y|ies)|job|role|position|work|tasks?|responsibilit\w+)\b", re.IGNORECASE)


def denied_from(text: str, start: int) -> int | None:
    """Where a denial of the name at `start` begins."""
    low = max(start - NEAR, 0)
    found = DENIED.search(text[low:start]) or DENIED_AT_ONCE.search(text[low:start])
    return low + found.start() if found else None


def is_denied_at_once(text: str, start: int) -> bool:
    """Whether nothing stands between the denial and the name: all that tells in a title ("No experience welder")."""
    return bool(DENIED_AT_ONCE.search(text[max(start - NEAR, 0):start]))


def is_of_others(text: str, start: int, end: int) -> bool:
    """Whether the name is part of what an organisation or other people are called, or of what they are doing."""
    before, name, after = text[max(start - NEAR, 0):start], text[start:end], text[end:end + NEAR]
    if ORGANISATION.search(before) or UNDER.search(before) or (name[:1].isupper() and FIRM.match(after)):
        return True
    return _is_of_people(before, name, after) or _is_going_on(before, name, after)


def _is_of_people(before: str, name: str, after: str) -> bool:
    is_next = OF_PEOPLE.match(after)
    if not (is_next or OF_PEOPLE_TOO.match(after)) or NONE_IN_PARTICULAR.search(before):
        return False
    is_beside = bool(BESIDE.search(before))
    return bool(is_next or is_beside) and not AMONG.search(before if is_beside else before + name)


def _is_going_on(before: str, name: str, after: str) -> bool:
    """What somebody does to something, who is not the one that is looked for."""
    return (name.split()[0].endswith("ing") and bool(GOING_ON.search(before)) and bool(WITH_OBJECT.match(after))
            and not OF_THE_WORK.search(before))
