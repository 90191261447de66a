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


@contextmanager
def release_before() -> Iterator[Path]:
    """A folder with the code of the commit that UPGRADE_FROM names, else of the newest one's first parent. Where there
    is no history (a shallow clone, an archive), the present code: two replicas of one release then. Raises
    RuntimeError for a commit that was named and is not there."""
    named = os.environ.get("UPGRADE_FROM")
    packed = subprocess.run(["git", "archive", named or "HEAD~1"], cwd=HERE, capture_output=True)
    if packed.returncode and named:
        raise RuntimeError(packed.stderr.decode())
    if packed.returncode:
        yield HERE
        return
    with tempfile.TemporaryDirectory(prefix="libranet-before-") as folder:
        with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
            archive.extractall(folder)
        yield Path(folder)
