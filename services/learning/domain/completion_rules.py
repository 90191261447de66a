"""Which statements finish a course: a table, read from top to bottom, the first rule that fits decides.

Data only; `rules.py` reads it. Verbs and activity types are written without their scheme, because producers send
the same one with http and with https. A rule fits when each condition it names holds; one that names none fits all.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """`untyped`: the activity comes without a type; `within_course`: a course is among its parents or grouping;
    `completion`, `success`: what the result says. `takes_back`: it takes back that the course was finished before.
    `reason` is for people to read."""

    name: str
    finishes: bool
    reason: str
    objects: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    untyped: bool | None = None
    within_course: bool | None = None
    completion: bool | None = None
    success: bool | None = None
    takes_back: bool = False


COMPLETED = ("adlnet.gov/expapi/verbs/completed",)
PASSED = ("adlnet.gov/expapi/verbs/passed",)
SATISFIED = ("w3id.org/xapi/adl/verbs/satisfied",)
FINISHING = (*COMPLETED, *PASSED, *SATISFIED)
FAILED = ("adlnet.gov/expapi/verbs/failed",)
UNCOMPLETED = ("xapi.edlm/profiles/edlm-lms/concepts/verbs/uncompleted",)
COURSE_TYPES = ("adlnet.gov/expapi/activities/course", "w3id.org/xapi/cmi5/activitytype/course")

RULES: tuple[Rule, ...] = (
    Rule("not-an-activity", False, "The object is a person, a group or another statement.",
         objects=("Agent", "Group", "StatementRef", "SubStatement")),
    Rule("group-actor", False, "A group did it; a course is finished by one person.", actors=("Group",)),
    Rule("course-un-completed", False, "The platform takes back that a course was completed.",
         verbs=UNCOMPLETED, types=COURSE_TYPES, takes_back=True),
    Rule("un-completion", False, "Moodle takes back that a part of a course was completed; it is no completion.",
         verbs=UNCOMPLETED),
    Rule("badge-echo", False, "A badge was given, perhaps our own that comes back.",
         verbs=("w3id.org/xapi/tla/verbs/achieved",)),
    Rule("badge-object", False, "The object is a badge, not a course.",
         types=("xapi.edlm/profiles/edlm-lms/concepts/activity-types/badge",)),
    Rule("progress", False, "Progress is no end, even of 100 per cent: Open edX sends it for each block.",
         verbs=("adlnet.gov/expapi/verbs/progressed",)),
    Rule("failed", False, "A course was failed, perhaps after it was passed (Open edX, when a grade is corrected).",
         verbs=FAILED, types=COURSE_TYPES, takes_back=True),
    Rule("part-failed", False, "The learner failed something else than a course.", verbs=FAILED),
    Rule("result-not-complete", False, "The result says completion: false (edx-enterprise sends this for a failure).",
         verbs=FINISHING, completion=False),
    Rule("result-not-successful", False, "The result says success: false.", verbs=FINISHING, success=False),
    Rule("course-passed", True, "A course was passed (Open edX course grade).", verbs=PASSED, types=COURSE_TYPES),
    Rule("course-completed", True, "A course was completed (Moodle, edx-enterprise, LinkedIn Learning).",
         verbs=COMPLETED, types=COURSE_TYPES),
    Rule("course-satisfied", True, "All that a cmi5 course asks for was done.", verbs=SATISFIED, types=COURSE_TYPES),
    Rule("part-of-a-course", False, "A block, module, quiz or video inside a course was finished, not the course.",
         verbs=FINISHING, within_course=True),
    Rule("untyped-course", True, "The activity has no type; it counts where its IRI is that of an offered course.",
         verbs=FINISHING, untyped=True),
    Rule("not-a-course", False, "Something else than a course was finished.", verbs=FINISHING),
    Rule("no-finishing-verb", False, "The verb does not say that anything was finished."),
)
