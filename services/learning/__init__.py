"""Learning: courses, enrolments and the xAPI statements that tell when a course was finished."""
