"""Jobs: feeds and postings of jobs, and which skills are taught where; a folder for each noun."""
