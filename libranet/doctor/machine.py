"""This machine: the secrets that the platform's parts need, the place on its disks."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from contracts import principal as principals
from contracts.principal import PUBLIC, PrincipalInvalid
from libranet import settings
from libranet.calls import verifier
from libranet.doctor.finding import Finding, bad, look, well
from libranet.local.environment import EVERYBODY, SECRETS_OF
from libranet.local.parts import OPERATOR
from libranet.settings import SettingMissing

OF_OTHERS = 0o007
SCARCE_SHARE, LEAST_SHARE = 0.10, 0.03
"""Of a disk that is free: what is to be looked at, and where parts soon stop."""
GIB = 2**30


def secrets() -> Iterator[Finding]:
    """Whether each can be read, and by nobody else."""
    missing = False
    for name in (*EVERYBODY, *SECRETS_OF[OPERATOR]):
        try:
            settings.secret(name)
        except SettingMissing as reason:
            missing = True
            yield bad("secrets", f"{name} cannot be read.", str(reason))
            continue
        yield from _open_file(name)
    if not missing:
        yield _principal()


def _open_file(name: str) -> Iterator[Finding]:
    """A file on a read-only mount was put there for this container: whoever mounted it decides who else reads it."""
    path = Path(os.environ.get(f"{name}_FILE") or "/dev/null")
    if path.is_file() and path.stat().st_mode & OF_OTHERS and not os.statvfs(path).f_flag & os.ST_RDONLY:
        yield look("secrets", f"Everybody on this machine can read {path}.", f"chmod o= {path}")


def _principal() -> Finding:
    """Whether services take what the gateway signs."""
    try:
        verifier().verify(principals.sign(PUBLIC, OKPKey.import_key(settings.secret("PRINCIPAL_PRIVATE_KEY"))))
    except (JoseError, ValueError) as error:
        return bad("secrets", f"A principal's key is none: {type(error).__name__}.",
                   "PRINCIPAL_PRIVATE_KEY and PRINCIPAL_PUBLIC_KEYS hold Ed25519 keys as PEM.")
    except PrincipalInvalid:
        return bad("secrets", "Services do not know the key that the gateway signs with: they refuse every call.",
                   "Put the public half of PRINCIPAL_PRIVATE_KEY first into PRINCIPAL_PUBLIC_KEYS and restart them.")
    return well("secrets", "All are there, and services take what the gateway signs.")


def disks() -> Iterator[Finding]:
    """How much is left where this machine keeps files of the platform. In a container that is neither the broker's
    disk nor the database's."""
    there = [path for path in (settings.home(), Path(settings.get("CREDENTIALS_KEYS_DIR", str(settings.home()))))
             if path.is_dir()]
    for path in {each.stat().st_dev: each for each in there}.values():
        usage = shutil.disk_usage(path)
        yield room(f"where {path} lies", usage.free, usage.total)


def room(where: str, free_bytes: float, total_bytes: float) -> Finding:
    """What it means that so much of a disk is free."""
    share = free_bytes / total_bytes
    said = f"{free_bytes / GIB:.1f} GiB ({share:.0%}) are free {where}."
    if share < LEAST_SHARE:
        return bad("disk", said, "Make room now: the broker stops taking messages and the database stops writing.")
    if share < SCARCE_SHARE:
        return look("disk", said, "Make room, or give it a larger disk.")
    return well("disk", said)
