"""`libranet doctor`: looks at every part of a platform and says what to do."""
