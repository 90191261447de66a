"""JSON-LD contexts of the standards, read from this folder only. Nothing here ever reaches the network."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def manifest() -> dict[str, dict[str, str]]:
    """Address, standard, version, licence and hash of each file, by its path below this folder."""
    read: dict[str, dict[str, str]] = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    return read


@cache
def contexts() -> dict[str, dict[str, Any]]:
    """Every kept JSON-LD context document by its address."""
    return {
        entry["url"]: json.loads((FOLDER / path).read_text(encoding="utf-8"))
        for path, entry in manifest().items()
        if path.startswith("jsonld/")
    }
