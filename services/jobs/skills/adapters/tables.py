"""Tables inside zip files and folders: what ESCO's and O*NET's bundles are made of. Streamed, nothing is unpacked."""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

MAX_TABLE_BYTES = 500 * 2**20
"""Ten times the biggest table of today's bundles; a zip that says more is not one of them."""
MAX_CELL_CHARACTERS = 2**20
Row = Mapping[str, str]


class NoSuchTable(Exception):
    """The bundle lacks a table."""


class Bundle:
    """The tables of some zip files, folders and single files, by lower-case name."""

    def __init__(self, paths: list[Path]) -> None:
        self._places: dict[str, tuple[Path, str | None]] = {}
        for path in paths:
            for name, member in _members(path):
                self._places.setdefault(name, (path if member is None or path.is_file() else path / member, member))

    @property
    def names(self) -> list[str]:
        return sorted(self._places)

    def has(self, *names: str) -> bool:
        return any(name in self._places for name in names)

    def rows(self, *names: str, delimiter: str = ",") -> Iterator[Row]:
        """The rows of the first of these tables that is there; raises NoSuchTable."""
        found = next((name for name in names if name in self._places), None)
        if found is None:
            raise NoSuchTable(f"There is no {' or '.join(names)} in it. It holds: {', '.join(self.names)}.")
        csv.field_size_limit(MAX_CELL_CHARACTERS)
        with self._open(found) as stream:
            quoting = csv.QUOTE_MINIMAL if delimiter == "," else csv.QUOTE_NONE
            yield from csv.DictReader(io.TextIOWrapper(stream, "utf-8-sig", newline=""), delimiter=delimiter,
                                      quoting=quoting)

    @contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        path, member = self._places[name]
        if member is None or not zipfile.is_zipfile(path):
            with path.open("rb") as stream:
                yield stream
            return
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(member).file_size > MAX_TABLE_BYTES:
                raise NoSuchTable(f"{member} is too large to be a table of a taxonomy.")
            with archive.open(member) as stream:
                yield stream


def _members(path: Path) -> Iterator[tuple[str, str | None]]:
    if path.is_dir():
        for each in path.iterdir():
            yield each.name.lower(), each.name
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield PurePosixPath(name).name.lower(), name
    else:
        yield path.name.lower(), None
