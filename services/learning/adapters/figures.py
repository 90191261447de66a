"""Learning's own figures at /metrics. Labels never hold an id."""

from prometheus_client import Counter

LATE = Counter("libranet_late_statements_total", "Statements that were not kept: what they say is of an erased patron")
