"""What every test may rely on: ids need a key."""

import os

os.environ.setdefault("ID_KEY", "a key for tests only, of more than thirty-two characters")
os.environ.setdefault("PSEUDONYM_KEY", "another key for tests only, of more than thirty-two characters")
