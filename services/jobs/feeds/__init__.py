"""Job feeds: boards that are read now and then, and files that somebody sends; both become postings."""
