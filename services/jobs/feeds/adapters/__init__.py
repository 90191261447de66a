"""The boards' formats, one small module each, and what reads files and addresses."""
