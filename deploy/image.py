"""What goes into one process's image: `python deploy/image.py requirements|source SERVICE DIR`.

`requirements` writes the part of requirements.lock that this process needs (and, apart, what builds the package);
`source` lays out libranet, the contracts and the one service, ready to be built. Only the standard library, because
it runs before anything is installed.
"""

import re
import shutil
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("profiles", "jobs", "learning", "credentials", "analytics")
OPERATOR = "operator"
TRACING = "tracing"
"""Off unless an operator asks for it, and small: every image has it."""
IMAGES = (*SERVICES, "deliveries", "gateway", OPERATOR)
ENTRY = re.compile(r"^([a-z0-9][a-z0-9.-]*)==", re.MULTILINE)
OURSELVES = "libranet"


def packages(service: str) -> tuple[str, ...]:
    """The folders of code that the image of `service` holds; `operator` has those of all commands."""
    own: tuple[str, ...] = (f"services/{service}",)
    if service == OPERATOR:
        own = (*(f"services/{each}" for each in SERVICES), "gateway")
    elif service not in SERVICES:
        own = ("gateway",)
    return ("libranet", "contracts", *own)


def requirements(service: str) -> str:
    """The entries of requirements.lock, hashes and all, that `service` needs: its extra's and what they ask for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = (*(IMAGES[:-1] if service == OPERATOR else (service,)), TRACING)
    asked = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    return closure({_name(line) for line in asked}, locked())


def closure(wanted: set[str], entries: dict[str, str]) -> str:
    """The text of `wanted` and of all that these entries need, by what each says it is there for (`# via`)."""
    needed: set[str] = set()
    while wanted - needed:
        needed |= wanted
        wanted = {name for name, text in entries.items() if needed & askers(text)}
    return "".join(entries[name] for name in sorted(needed))


def locked() -> dict[str, str]:
    """The entries of requirements.lock by name; together where versions of Python need different ones."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    starts = [*ENTRY.finditer(text)]
    ends = [*(each.start() for each in starts[1:]), len(text)]
    entries: dict[str, str] = {}
    for each, end in zip(starts, ends, strict=True):
        entries[each.group(1)] = entries.get(each.group(1), "") + text[each.start():end]
    return entries


def askers(entry: str) -> set[str]:
    """Which packages this entry is there for, besides ourselves."""
    _, _, via = entry.partition("# via")
    return {word for word in re.findall(r"[a-z0-9][a-z0-9.-]*", via) if word not in (OURSELVES, "pyproject.toml")}


def write_requirements(service: str, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    (target / "requirements.txt").write_text(requirements(service), encoding="utf-8")
    (target / "build.txt").write_text(closure({"setuptools"}, locked()), encoding="utf-8")


def write_source(service: str, target: Path) -> None:
    """The tree that the image's package is built from."""
    target.mkdir(parents=True, exist_ok=True)
    for name in files(service):
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy)


def files(service: str) -> Iterable[Path]:
    """Every file of that tree, relative to the repository."""
    yield from map(Path, ("pyproject.toml", "README.md", "services/__init__.py"))
    for folder in packages(service):
        yield from (path.relative_to(ROOT) for path in sorted((ROOT / folder).rglob("*"))
                    if path.is_file() and "__pycache__" not in path.parts)


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    return found.group().lower().replace("_", "-") if found else ""


if __name__ == "__main__":
    what, service, directory = sys.argv[1:]
    if service not in IMAGES:
        raise SystemExit(f"SERVICE has to be one of {', '.join(IMAGES)}, it is {service!r}.")
    {"requirements": write_requirements, "source": write_source}[what](service, Path(directory))
