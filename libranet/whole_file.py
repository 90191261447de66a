"""Files that are there whole or not at all, whatever is killed meanwhile, and on the disk once they are there."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

UNFINISHED = ".unfinished"
"""How the names end under which files are written; a process that is killed leaves such a one."""


def unless_there(written: Path, file: Path) -> None:
    """Puts it where nothing is: of several that write the file at the same time one wins, and the others get a
    FileExistsError."""
    file.hardlink_to(written)


@contextmanager
def whole(file: Path, put: Callable[[Path, Path], object] = Path.replace) -> Iterator[BinaryIO]:
    """What is written becomes `file` at the end, readable by its owner alone; after a failure there is what was before.

    `put` is `Path.replace` or `unless_there`. Raises OSError.
    """
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.", suffix=UNFINISHED)
    written = Path(name)
    try:
        with open(handle, "wb") as target:
            yield target
            target.flush()
            os.fsync(handle)
        put(written, file)
        _keep_names(file.parent)
    finally:
        written.unlink(missing_ok=True)


def _keep_names(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
