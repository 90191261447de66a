"""Whether JSON is an xAPI statement (1.0.3, tolerant of 2.0).

Own code, because producers that are live today send what stricter models refuse (an empty `extensions`), and
because every error here names its place as a JSON pointer and says what to do. "Data 2.4.2" in a comment is the
chapter of the specification's part two. Files sent beside a statement (multipart) are not taken.
"""

from services.learning.domain.xapi.findings import MAX_FINDINGS, Findings
from services.learning.domain.xapi.statement import check_statement

__all__ = ["MAX_FINDINGS", "Findings", "check_statement"]
