"""Jobs: which skills are taught where; postings and matching grow from here."""
