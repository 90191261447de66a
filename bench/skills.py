"""Finding skills in texts, with the official taxonomies: how right and how fast, in this process.

Needs ESCO's bundle, O*NET's text and sets of the Decorte skill-linking benchmark, which are not part of the project:
`LIBRANET_BENCH_DATA` names the folder that holds them in `esco/`, `onet/` and `skill_linking/`.
"""

import csv
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import click

from bench.table import Row
from services.jobs.skills.adapters import esco, onet
from services.jobs.skills.adapters.everyday import everyday
from services.jobs.skills.adapters.tables import Bundle
from services.jobs.skills.domain.corrections import Corrections
from services.jobs.skills.domain.lexicon import Lexicon, lexicon_of
from services.jobs.skills.domain.words import fold

ANNOTATIONS = "_annotations.csv"
LONG_TEXT_CHARACTERS = 3_000
LONG_TEXTS = 300
TYPOS = 2_000


def run() -> list[Row]:
    """One row for each thing that is done a great many times; how right it is, is told beside."""
    data = Path(os.environ.get("LIBRANET_BENCH_DATA", "../shared/data"))
    if not (data / "esco").is_dir():
        click.echo(f"skills: no data at {data}; set LIBRANET_BENCH_DATA. Measured with the everyday list alone.")
        lexicon = _lexicon([])
        texts = [" ".join(skill.label for skill in everyday().skills)[:LONG_TEXT_CHARACTERS]] * LONG_TEXTS
        return [_finding(lexicon, texts), *_resolving(lexicon)]
    lexicon = _lexicon(sorted((data / "esco").glob("*.zip")), sorted((data / "onet").glob("*.zip")))
    sentences: list[str] = []
    for path in sorted((data / "skill_linking").glob(f"*{ANNOTATIONS}")):
        gold = _gold(path)
        click.echo(_judged(path.name.removesuffix(ANNOTATIONS).replace("_", " "), lexicon, gold))
        sentences += gold
    whole = "\n".join(sentences)
    texts = [(whole + whole)[start * 37 % len(whole):][:LONG_TEXT_CHARACTERS] for start in range(LONG_TEXTS)]
    return [_finding(lexicon, texts), *_resolving(lexicon)]


def _lexicon(*bundles: list[Path]) -> Lexicon:
    started = time.process_time()
    sources = [everyday()]
    for paths in filter(None, bundles):
        bundle = Bundle(list(paths))
        sources.append(esco.read(bundle, "1.1.1") if esco.is_esco(bundle) else onet.read(bundle, "29"))
    read = time.process_time()
    lexicon = lexicon_of(sources, Corrections(()), "bench", "bench")
    built = time.process_time() - read
    click.echo(f"taxonomy: {len(lexicon.taxonomy.skills):,} skills, {len(lexicon.taxonomy.labels):,} names, "
               f"{len(lexicon.finder):,} looked for; CPU to read {read - started:.1f} s, to build {built:.1f} s; "
               f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most")
    return lexicon


def _gold(path: Path) -> dict[str, set[str]]:
    """The labels of each sentence, folded."""
    gold: dict[str, set[str]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            gold.setdefault(row["sentence"], set()).add(fold(row["label"] or ""))
    return gold


def _judged(name: str, lexicon: Lexicon, gold: dict[str, set[str]]) -> str:
    """Against ESCO's labels; a skill of another source is no answer to a question about ESCO."""
    taxonomy = lexicon.taxonomy
    right = wrong = missed = ranked = 0
    reciprocal = with_gold = 0.0
    for sentence, labels in gold.items():
        wanted = {taxonomy.preferred[label] for label in labels if label in taxonomy.preferred}
        found = [each.uri for each in lexicon.extract("", sentence) if "/esco/" in each.uri]
        right, wrong = right + len(wanted & set(found)), wrong + len(set(found) - wanted)
        missed += len(wanted - set(found))
        if wanted:
            with_gold += 1
            ranked += len(wanted & set(found[:5])) / min(len(wanted), 5)
            reciprocal += next((1 / place for place, uri in enumerate(found, 1) if uri in wanted), 0)
    precision, recall = right / max(right + wrong, 1), right / max(right + missed, 1)
    return (f"{name}, {len(gold)} sentences: precision {precision:.2f}, recall {recall:.2f}, F1 "
            f"{2 * precision * recall / (precision + recall):.2f}, RP@5 {ranked / with_gold:.2f}, "
            f"MRR {reciprocal / with_gold:.2f}")


def _finding(lexicon: Lexicon, texts: list[str]) -> Row:
    return _timed(f"find in {LONG_TEXT_CHARACTERS} characters", texts, lambda text: lexicon.extract("", text))


def _resolving(lexicon: Lexicon) -> Iterator[Row]:
    labels = [name for skill in everyday().skills for name in skill.names][:TYPOS]
    yield _timed("resolve a known label", labels, lexicon.resolve)
    slips = [(label, _slipped(label)) for label in labels if len(label) >= 7 and label.isascii()]
    found = [(lexicon.resolve(label), lexicon.resolve(slip)) for label, slip in slips]
    same = sum(one is not None and other is not None and one.skill.uri == other.skill.uri for one, other in found)
    given = sum(other is not None for _, other in found)
    click.echo(f"one slip of the keys in {len(slips):,} labels: {same / len(slips):.0%} understood, "
               f"{same / max(given, 1):.1%} of what was given is right")
    yield _timed("resolve a misspelt label", [slip for _, slip in slips][:500], lexicon.resolve)


def _slipped(label: str) -> str:
    """Two letters in the middle of the longest word change places, or the one there is lost."""
    word = max(label.split(), key=len)
    middle = len(word) // 2
    swapped = word[:middle] + word[middle + 1:middle + 2] + word[middle] + word[middle + 2:]
    return label.replace(word, swapped if swapped != word else word[:middle] + word[middle + 1:])


def _timed(title: str, items: list[str], work: object) -> Row:
    assert callable(work)
    started, spent = time.perf_counter(), time.process_time()
    for item in items:
        work(item)
    seconds, cpu = time.perf_counter() - started, time.process_time() - spent
    return Row("skills", title, len(items) / seconds, cpu / len(items) * 1e6, {})
