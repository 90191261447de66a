"""The release before: its code, to run beside the present one's."""

import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]


class NoReleaseBefore(RuntimeError):
    """Its commit is not here; the text says what to do."""


def commit_before() -> str:
    """The commit that UPGRADE_FROM names, else the newest one's first parent. Raises NoReleaseBefore."""
    named = os.environ.get("UPGRADE_FROM") or "HEAD~1"
    found = subprocess.run(["git", "rev-parse", "--verify", "--quiet", f"{named}^{{commit}}"], cwd=HERE,
                           capture_output=True, text=True)
    if found.returncode:
        raise NoReleaseBefore(f"There is no commit {named} here. Set UPGRADE_FROM to the commit of the release that "
                              "runs by now, in a clone that has it (`git fetch --unshallow` for one without history).")
    return found.stdout.strip()


@contextmanager
def release_before() -> Iterator[Path]:
    """A folder with its code. Raises NoReleaseBefore."""
    packed = subprocess.run(["git", "archive", commit_before()], cwd=HERE, capture_output=True, check=True)
    with tempfile.TemporaryDirectory(prefix="libranet-before-") as folder:
        with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
            archive.extractall(folder)
        yield Path(folder)
