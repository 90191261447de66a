"""What happens to a thousand events when something breaks on their way: `python -m bench.faults`, or `make faults`.

Each scenario lets statements flow in at the gateway, breaks one thing while they do, mends it, and counts at every
place of the line what is missing and what is there twice: statements, completions told, credentials, credentials told,
totals of analytics, webhooks. It measures how long after the mending the whole line goes again: until a webhook comes
about something that was sent after the fault.
"""
