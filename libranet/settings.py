"""Settings come from the environment; secrets from the environment or from a file that `<NAME>_FILE` names.

Nothing is read from the repository and nothing is cached, so a test may set what it needs.
"""

import os
from pathlib import Path


class SettingMissing(RuntimeError):
    """A setting without which the process cannot work is absent."""


def get(name: str, default: str | None = None) -> str:
    """The setting's text; raises SettingMissing when it is unset and has no default."""
    value = os.environ.get(name)
    if value not in (None, ""):
        return str(value)
    if default is None:
        raise SettingMissing(f"Set {name} in the environment (see the README of the service).")
    return default


def number(name: str, default: int) -> int:
    """A whole number; raises SettingMissing with the reason when the text is none."""
    text = get(name, str(default))
    try:
        return int(text)
    except ValueError:
        raise SettingMissing(f"{name} must be a whole number, it is {text!r}.") from None


def secret(name: str) -> str:
    """A secret from `<NAME>` or from the file that `<NAME>_FILE` names; white space at the ends is cut."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingMissing(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from error
    value = os.environ.get(name)
    if not value:
        raise SettingMissing(f"Set {name}, or {name}_FILE to a file that holds it.")
    return value.strip()


def find_secret(name: str) -> str | None:
    """A secret that there may be or not; None where neither is set, or the file is gone: whoever takes it away need not
    tell every process at that moment."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        return secret(name) if Path(path).exists() else None
    return secret(name) if os.environ.get(name) else None


def home() -> Path:
    """Where this machine keeps the platform's files (`LIBRANET_HOME`, else `var` below the working directory)."""
    return Path(get("LIBRANET_HOME", "var")).absolute()
