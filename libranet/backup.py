"""`libranet backup` and `restore`: every database of the platform, and the folder of issuers' keys, in one file.

Each collection is read from one moment where the server can do that (a snapshot session), so a backup of a running
platform has no half transactions; between services it may be some events apart, which a replay after the restore
closes (`libranet events replay`). Secrets are not in it: issuers' keys stay encrypted, and the key that opens them
(CREDENTIALS_KEK) has to be kept elsewhere.

A restored service does not know what it has given away since the backup, and would give it a second time: by an entry
point of the group `libranet.restored`, named for the service, it makes its restored database ready for that.
"""

import gzip
import io
import tarfile
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.metadata import entry_points
from itertools import islice
from pathlib import Path
from typing import IO, Any, BinaryIO

import bson
import click
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError, ServerSelectionTimeoutError

from libranet import operator_access, settings
from libranet.clock import now
from libranet.mongo import connect
from libranet.whole_file import UNFINISHED, whole

PREFIX = "libranet_"
KEYS = "keys"
NAME, ANY_NAME = "libranet-%Y%m%dT%H%M%SZ.tar.gz", "libranet-????????T??????Z.tar.gz"
"""Of a backup in a folder of them: as text they lie in the order of their times, which are UTC."""
WITHIN = timedelta(days=1)
"""No backup takes as long."""
NOT_RESTORED = ("leases", "writers")
"""Who worked at the time of the backup; nobody does now."""
RESTORE_BATCH = 500
PIECE_BYTES = 2**20


class NotEmpty(click.ClickException):
    """A restore never mixes with what is there."""


class Damaged(click.ClickException):
    """What is no backup, or only a part of one."""


def back_up(client: MongoClient[dict[str, Any]], keys: Path, target: BinaryIO) -> dict[str, int]:
    """Writes everything to `target` (tar, gzip); gives the number of documents by collection."""
    counts: dict[str, int] = {}
    names = [(database, collection) for database in sorted(client.list_database_names()) if database.startswith(PREFIX)
             for collection in sorted(client[database].list_collection_names())]
    with tarfile.open(fileobj=target, mode="w:gz") as archive, _one_moment(client, names[:1]) as session:
        for database, collection in names:
            with tempfile.TemporaryFile() as spool:
                count = 0
                for document in client[database][collection].find({}, session=session):
                    spool.write(bson.encode(document))
                    count += 1
                _add(archive, f"{database}/{collection}.bson", spool)
            counts[f"{database}/{collection}"] = count
        for path in sorted(keys.rglob("*")) if keys.is_dir() else ():
            if path.is_file() and path.suffix != UNFINISHED:
                with path.open("rb") as key:
                    _add(archive, f"{KEYS}/{path.relative_to(keys).as_posix()}", key)
    return counts


def restore(client: MongoClient[dict[str, Any]], keys: Path, source: BinaryIO) -> dict[str, int]:
    """Puts a backup into an empty place. Before anything is written raises NotEmpty where there is a document or
    another key already, Damaged for what is no whole backup."""
    _check_empty(client)
    _check_whole(source, keys)
    counts: dict[str, int] = {}
    with tarfile.open(fileobj=source, mode="r:gz") as archive:
        for member in archive:
            file = archive.extractfile(member)
            place, _, name = member.name.partition("/")
            if file is None or ".." in Path(member.name).parts:
                continue
            if place == KEYS:
                _put_key(keys / name, file.read())
            elif place.startswith(PREFIX) and name.removesuffix(".bson") not in NOT_RESTORED:
                collection = client[place][name.removesuffix(".bson")]
                counts[f"{place}/{collection.name}"] = _fill(collection, bson.decode_file_iter(file))
    for each in entry_points(group="libranet.restored"):
        each.load()(client[PREFIX + each.name])
    return counts


def _check_empty(client: MongoClient[dict[str, Any]]) -> None:
    for database in client.list_database_names():
        for name in client[database].list_collection_names() if database.startswith(PREFIX) else ():
            if name not in NOT_RESTORED and client[database][name].find_one({}) is not None:
                raise NotEmpty(f"{database}.{name} is not empty. Restore into a new place (another LIBRANET_HOME).")


def _check_whole(source: BinaryIO, keys: Path) -> None:
    """Reads it to its end, where the sum of all of it stands (RFC 1952, 2.3.1)."""
    is_ours = False
    try:
        with gzip.open(source) as packed:
            with tarfile.open(fileobj=packed, mode="r|") as archive:
                for member in archive:
                    place, _, name = member.name.partition("/")
                    is_ours = is_ours or place == KEYS or place.startswith(PREFIX)
                    if place == KEYS and (file := archive.extractfile(member)) is not None:
                        _check_key(keys / name, file.read())
            while packed.read(PIECE_BYTES):
                pass
    except (OSError, EOFError, zlib.error, tarfile.TarError) as reason:
        raise Damaged(f"This is no whole backup ({reason}). Nothing was restored; take another one.") from reason
    if not is_ours:
        raise Damaged("There is nothing of this platform in it. Nothing was restored; take another one.")
    source.seek(0)


def _fill(collection: Any, documents: Iterable[dict[str, Any]]) -> int:
    count = 0
    for batch in batched(documents, RESTORE_BATCH):
        collection.insert_many(batch)
        count += len(batch)
    return count


def batched(documents: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    """Lists of `size`, the last one shorter."""
    rest = iter(documents)
    while batch := list(islice(rest, size)):
        yield batch


def _check_key(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() != content:
        raise NotEmpty(f"{path} holds another key already. Restore into a new place (another LIBRANET_HOME).")


def _put_key(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with whole(path) as file:
        file.write(content)


def _add(archive: tarfile.TarFile, name: str, content: IO[bytes]) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = content.seek(0, io.SEEK_END), 0o600, int(time.time())
    content.seek(0)
    archive.addfile(entry, content)


@contextmanager
def _one_moment(client: MongoClient[dict[str, Any]], probe: list[tuple[str, str]]) -> Iterator[ClientSession | None]:
    """A snapshot session where the server takes one (tried on `probe`), else none."""
    with client.start_session(snapshot=True) as session:
        try:
            for database, collection in probe:
                client[database][collection].find_one({}, session=session)
        except PyMongoError:
            yield None
            return
        yield session


def _keys_folder() -> Path:
    return Path(settings.get("CREDENTIALS_KEYS_DIR", str(settings.home() / KEYS)))


def forget(folder: Path, moment: datetime, days: int) -> list[Path]:
    """Deletes the backups in `folder` that are older than `days` at that moment; gives what is gone. The time is the
    name's; a file with another name stays."""
    return _delete(folder, ANY_NAME, moment - timedelta(days=days))


def forget_unfinished(folder: Path, moment: datetime) -> list[Path]:
    """The same with what runs left that were killed a day before."""
    return _delete(folder, f"{ANY_NAME}.*{UNFINISHED}", moment - WITHIN)


def _delete(folder: Path, names: str, before: datetime) -> list[Path]:
    old = [file for file in folder.glob(names) if file.name < before.strftime(NAME)]
    for file in old:
        file.unlink(missing_ok=True)
    return old


@click.command("backup")
@click.argument("place", type=click.Path(path_type=Path))
@click.option("--keep", type=click.IntRange(1, 36_500), metavar="DAYS",
              help="Then delete from the folder PLACE the backups that are older.")
def backup_command(place: Path, keep: int | None) -> None:
    """Write all databases and the issuers' (encrypted) keys to PLACE, while the platform runs.

    PLACE is a file, or a folder, where the backup is named for the time.
    """
    if keep and not place.is_dir():
        raise click.UsageError(f"--keep is for a folder of backups, and {place} is none.")
    if place.exists() and not (place.is_dir() or place.is_file()):
        raise click.UsageError(f"{place} is neither a file nor a folder.")
    operator_access.connect()
    moment = now()
    file = place / moment.strftime(NAME) if place.is_dir() else place.resolve()
    if keep:
        forget_unfinished(place, moment)  # first: they may be what fills the disk
    try:
        with whole(file) as target:
            counts = back_up(connect(), _keys_folder(), target)
    except OSError as reason:
        raise click.ClickException(f"There is no new backup: {reason}.") from reason
    click.echo(f"{sum(counts.values())} documents of {len(counts)} collections are in {file}.")
    is_something = sum(counts.values()) > 0
    for old in forget(place, moment, keep) if keep and is_something else ():
        click.echo(f"{old} is deleted.")
    click.echo("Keep the secrets elsewhere: without CREDENTIALS_KEK the issuers' keys cannot be opened.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore_command(file: Path) -> None:
    """Put the backup in FILE into an empty platform, before its services start for the first time."""
    operator_access.connect()
    try:
        with file.open("rb") as source:
            counts = restore(connect(), _keys_folder(), source)
    except ServerSelectionTimeoutError as reason:
        raise click.ClickException(
            "The database does not answer. Start it without the services (on this machine: `libranet run --stores`)."
        ) from reason
    click.echo(f"{sum(counts.values())} documents are restored. Replay what hearers missed: `libranet events replay`.")
