"""`make audit` asks about every lock, and takes nothing for sound that was not asked."""

from deploy.security.audit import FOLDERS_OF_NPM, LOCKS, faults_of_npm, faults_of_pip, said
from tests.deploy.rendered import said as told_by


def test_every_lock_is_asked_about() -> None:
    committed = told_by("git", "ls-files", "*.lock", "*package-lock.json").split()
    assert sorted(committed) == sorted([*LOCKS, *(f"{folder}/package-lock.json" for folder in FOLDERS_OF_NPM)])


def test_a_fault_is_told_with_the_version_that_mends_it() -> None:
    fault = {"id": "PYSEC-2026-1", "fix_versions": ["1.1"]}
    told = {"dependencies": [{"name": "sound", "version": "2", "vulns": []},
                             {"name": "faulty", "version": "1.0", "vulns": [fault, {**fault, "fix_versions": []}]}]}
    assert list(faults_of_pip("a.lock", told)) == ["a.lock: faulty 1.0: PYSEC-2026-1, mended in 1.1",
                                                   "a.lock: faulty 1.0: PYSEC-2026-1, mended in no version yet"]


def test_a_package_that_the_database_does_not_know_is_not_sound() -> None:
    told = {"dependencies": [{"name": "one", "skip_reason": "not found"}, {"name": "two", "version": "1", "vulns": []}]}
    (line,) = faults_of_pip("a.lock", told)
    assert line.startswith("a.lock (1 of 2 packages): NOT ASKED")
    assert line.endswith("not found, …")


def test_what_only_brings_a_faulty_package_is_not_named_again() -> None:
    advisory = {"title": "Eats memory", "severity": "high", "url": "https://example.org/1"}
    told = {"vulnerabilities": {"faulty": {"name": "faulty", "range": "<1.1", "via": [advisory]},
                                "above": {"name": "above", "range": "*", "via": ["faulty"]}}}
    assert list(faults_of_npm("p.json", told)) == ["p.json: faulty <1.1: Eats memory (high), https://example.org/1"]


def test_a_program_that_is_missing_or_fails_is_no_good_news() -> None:
    assert said("no-such-program") == ({}, "no-such-program is not installed")
    assert said("sh", "-c", "echo 'no way there' >&2; exit 1") == ({}, "no way there")
    assert said("false") == ({}, "ended with 1")
