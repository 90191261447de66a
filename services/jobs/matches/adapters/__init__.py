"""What matching takes from elsewhere: a gazetteer, a text index, and the database as this replica follows it."""
