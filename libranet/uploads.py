"""The body of a call that takes a file: streamed into a blob, never held in memory."""

from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Request

from libranet import problems
from libranet.blobs import Blob, Blobs, BlobTooLarge
from libranet.mongo import Database

BLOB_DAYS = 7
"""Whoever takes a file deletes it when it is done with it; this is for those that nobody came back to."""


def stored(request: Request, database: Database, owner: str, most_bytes: int) -> Blob:
    """Stores the body. Raises BodyTooLarge, and BodyUnreadable when it breaks off."""
    refusal = problems.BodyTooLarge(f"Send at most {most_bytes} bytes; split what is longer.")
    if (request.content_length or 0) > most_bytes:
        raise refusal
    try:
        blob = Blobs(database).store(request.stream.read, owner, BLOB_DAYS, most_bytes)
    except BlobTooLarge:
        raise refusal from None
    except (ClientDisconnected, OSError):
        raise problems.BodyUnreadable("The body broke off; send it again.") from None
    if request.content_length is not None and blob.bytes != request.content_length:
        Blobs(database).delete(blob.id)
        raise problems.BodyUnreadable("The body is shorter than its Content-Length.")
    return blob
