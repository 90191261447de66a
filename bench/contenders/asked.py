"""The two calls that the benchmark of calls makes."""

from contracts.call import Call

SCOPE = "courses:read"
COLLECTION = "bench_courses"
SMALL_ANSWER = {"title": "Spreadsheets for work", "language": "en", "level": "beginner", "teaches": ["spreadsheets"]}
NOTHING = Call(name="bench-nothing", service="learning", method="GET", path="/bench/nothing",
               summary="Reads nothing", allows=(SCOPE,))
COURSE = Call(name="bench-course", service="learning", method="GET", path="/bench/courses/<course>",
              summary="Reads one document", allows=(SCOPE,))
COURSE_ID = "course-1"
