"""An image without Docker: the packages that requirements.lock gives one service, and its source built into a package,
in a fresh virtual environment, as the Dockerfile puts them there."""

import os
import shutil
import subprocess
import sys
import venv
from importlib.metadata import distribution, distributions
from pathlib import Path
from zipfile import ZipFile

from packaging.requirements import Requirement

from deploy import image
from deploy.image import IMAGES, OPERATOR

PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
"""What `pip wheel --no-build-isolation` asks of the project's build tool."""


def build(service: str, target: Path) -> Path:
    """Makes the environment in `target` and gives its folder of packages."""
    environment = target / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    packages = environment / "lib" / PYTHON / "site-packages"
    for name in needed(service):
        _put(name, packages)
    image.write_source(service, target / "source")
    subprocess.run([sys.executable, "-c", BUILD, target], cwd=target / "source", check=True, stdout=subprocess.DEVNULL)
    for wheel in target.glob("*.whl"):
        ZipFile(wheel).extractall(packages)
    return packages


def needed(service: str) -> list[str]:
    """The packages of its lock that this machine's Python takes; each is installed here in just that version."""
    lines = [line.removesuffix("\\") for line in image.requirements(service).splitlines() if image.ENTRY.match(line)]
    wanted = [each for each in map(Requirement, lines) if not each.marker or each.marker.evaluate()]
    for each in wanted:
        assert each.specifier.contains(distribution(each.name).version), each
    return [each.name for each in wanted]


def _put(name: str, packages: Path) -> None:
    """Links what one installed package consists of; what lies outside (scripts) nobody here calls."""
    found = distribution(name)
    for file in found.files or ():
        if ".." in file.parts:
            continue
        copy = packages / file
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(found.locate_file(file), copy)
        except OSError:  # another file system
            shutil.copyfile(found.locate_file(file), copy)




def lacking(packages: Path, service: str) -> set[str]:
    """The packages that those in this folder ask for, `service`'s extra included, and that are not in it."""
    held = list(distributions(path=[str(packages)]))
    extras = {"libranet": [*IMAGES[:-1]] if service == OPERATOR else [service]}
    asked = {_plain(each.name) for found in held for each in map(Requirement, found.requires or ())
             if any(not each.marker or each.marker.evaluate({"extra": extra})
                    for extra in extras.get(found.name, [""]))}
    return asked - {_plain(found.name) for found in held}


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
