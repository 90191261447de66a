"""Courses as they are offered, and the skills that they teach, in MongoDB."""

from collections.abc import Iterable, Mapping
from typing import Any

from libranet.collection import Collection, Retention
from libranet.work import Work
from services.jobs.courses.domain.taught import Course, Skill, TaughtSkill

Row = dict[str, Any]

COLLECTIONS = (
    Collection("courses", Retention.forever("the newest state of what learning offers")),
    Collection("skills", Retention.forever("as long as a course on offer teaches it")),
)


class CourseStore:
    """One unit of work's view of courses and what they teach."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get_many(self, ids: Iterable[str]) -> dict[str, Course]:
        return {key: Course(key, row["owner"], row["title"], tuple(map(_skill, row["teaches"])), row["sequence"])
                for key, row in self._work.get_many("courses", set(ids)).items()}

    def skills(self, keys: Iterable[str]) -> dict[str, TaughtSkill]:
        """By key, unknown ones left out."""
        return dict(map(_taught, self._work.get_many("skills", set(keys)).values()))

    def skills_after(self, key: str, limit: int) -> dict[str, TaughtSkill]:
        """At most `limit` skills whose keys sort after `key`, in order."""
        return dict(map(_taught, self._work.find("skills", {"_id": {"$gt": key}}, [("_id", 1)], limit)))

    def save(self, courses: Iterable[Course], skills: Mapping[str, TaughtSkill]) -> None:
        """Skills that no course teaches any more go."""
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


def _skill(row: Row) -> Skill:
    return Skill(row["label"], row["uri"])


def _taught(row: Row) -> tuple[str, TaughtSkill]:
    courses = {each["course"]: (each["owner"], each["title"]) for each in row["courses"]}
    return row["_id"], TaughtSkill(_skill(row), courses)
