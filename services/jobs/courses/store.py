"""Courses as they are offered, and the skills that they teach, in MongoDB."""

from collections.abc import Collection as Many
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from libranet.clock import now
from libranet.collection import Collection, Retention
from libranet.ids import new_id
from libranet.work import Work
from services.jobs.courses.domain.taught import Course, Skill, TaughtSkill

Row = dict[str, Any]

COLLECTIONS = (
    Collection("courses", Retention.forever("the newest state of what learning offers")),
    Collection("skills", Retention.forever("as long as a course on offer teaches it")),
    Collection("course_changes", Retention.of_days(1, "at", "an index that is further behind starts anew")),
)


class CourseStore:
    """One unit of work's view of courses and what they teach."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get_many(self, ids: Iterable[str]) -> dict[str, Course]:
        return {key: _course(row) for key, row in self._work.get_many("courses", set(ids)).items()}

    def skills(self, keys: Iterable[str]) -> dict[str, TaughtSkill]:
        """By key, unknown ones left out."""
        return dict(map(_taught, self._work.get_many("skills", set(keys)).values()))

    def skills_after(self, key: str, limit: int) -> dict[str, TaughtSkill]:
        """At most `limit` skills whose keys sort after `key`, in order."""
        return dict(map(_taught, self._work.find("skills", {"_id": {"$gt": key}}, [("_id", 1)], limit)))

    def all_courses(self) -> Iterator[Course]:
        """Every course on offer, streamed."""
        return map(_course, self._work.each("courses", {}))

    def forget_changes(self, before: str) -> None:
        self._work.delete("course_changes", {"_id": {"$lt": before}})

    def changes_after(self, change: str, limit: int = 200) -> list[tuple[str, list[str]]]:
        """(change, ids of courses), as `PostingStore.changes_after` gives those of postings."""
        rows = self._work.find("course_changes", {"_id": {"$gt": change}}, [("_id", 1)], limit)
        return [(row["_id"], row["courses"]) for row in rows]

    def save(self, courses: Many[Course], skills: Mapping[str, TaughtSkill]) -> None:
        """Skills that no course teaches any more go. Every replica's index hears of the courses by the trail."""
        if courses:
            self._work.insert("course_changes", {
                "_id": new_id(), "courses": [course.id for course in courses], "at": now()})
        for course in courses:
            self._work.replace("courses", {
                "_id": course.id, "owner": course.owner, "title": course.title, "sequence": course.sequence,
                "teaches": [{"label": skill.label, "uri": skill.uri} for skill in course.teaches]})
        self._work.delete_many("skills", [key for key, each in skills.items() if not each.courses])
        for key, each in skills.items():
            if each.courses:
                self._work.replace("skills", _row(key, each))


def _row(key: str, taught: TaughtSkill) -> Row:
    courses = [{"course": course, "owner": owner, "title": title}
               for course, (owner, title) in sorted(taught.courses.items())]
    return {"_id": key, "label": taught.skill.label, "uri": taught.skill.uri, "courses": courses}


def _course(row: Row) -> Course:
    return Course(row["_id"], row["owner"], row["title"], tuple(map(_skill, row["teaches"])), row["sequence"])


def _skill(row: Row) -> Skill:
    return Skill(row["label"], row["uri"])


def _taught(row: Row) -> tuple[str, TaughtSkill]:
    courses = {each["course"]: (each["owner"], each["title"]) for each in row["courses"]}
    return row["_id"], TaughtSkill(_skill(row), courses)
