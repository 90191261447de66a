"""What a log line may say, of whom, and in which form."""

import json
import subprocess
import sys

from pymongo.errors import BulkWriteError

from libranet.logs import words_of


def test_a_databases_own_words_stay_out_of_the_log_for_they_can_hold_a_persons_record() -> None:
    error = BulkWriteError({"writeErrors": [{"op": {"name": "Ada Lovelace"}}]})
    assert "Ada" not in words_of(error)
    assert words_of(error).startswith("BulkWriteError")


def test_other_errors_are_named_with_their_words() -> None:
    assert words_of(ValueError("what was wrong")) == "ValueError: what was wrong"


def test_a_librarys_warning_is_a_line_of_json_too() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "from libranet.logs import configure; import warnings; configure('jobs'); "
         "warnings.warn('this will change')"], capture_output=True, text=True, check=True)
    assert told.stderr == ""
    assert "this will change" in json.loads(told.stdout)["event"]
