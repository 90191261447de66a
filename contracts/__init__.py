"""All that services and gateway may know of each other: events, calls, and who acts."""
