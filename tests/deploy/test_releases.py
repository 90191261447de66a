"""Every image of ours in a rendered overlay is of the release that the base names, or an operator's own overlay."""

import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.image import IMAGES
from tests.deploy.rendered import KUBERNETES, OVERLAYS, ROOT, TOOLS, said

OURS = re.compile(r"^ *(?:- )?image: (\S*libranet/\S+)$", re.MULTILINE)
REGISTRY = "registry.example.org/libranet"
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def images(folder: Path) -> set[str]:
    """Those of ours in what `kubectl apply -k` would send."""
    return set(OURS.findall(said(TOOLS / "kubectl", "kustomize", folder)))


def copy(target: Path) -> Path:
    """deploy/k8s, to be changed."""
    return Path(shutil.copytree(KUBERNETES, target / "k8s"))


def laid_on(overlay: Path, settings: dict[str, Any]) -> Path:
    """An overlay of an operator's own on `overlay`."""
    own = overlay.parents[1] / "own"
    own.mkdir()
    told = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
            "resources": [os.path.relpath(overlay, own)], **settings}
    (own / "kustomization.yaml").write_text(yaml.safe_dump(told), encoding="utf-8")
    return own


@pytest.mark.parametrize("name", OVERLAYS)
def test_a_release_names_its_tag_in_one_place(name: str, tmp_path: Path) -> None:
    place = copy(tmp_path)
    base = place / "base" / "kustomization.yaml"
    base.write_text(re.sub(r"newTag: [\d.]+", "newTag: 7.7.7", base.read_text("utf-8")), encoding="utf-8")
    assert images(place / "overlays" / name) == {f"libranet/{each}:7.7.7" for each in IMAGES}


@pytest.mark.parametrize("name", OVERLAYS)
@pytest.mark.parametrize(("member", "named"), [
    ("newTag", {each: f":7.7.{number}" for number, each in enumerate(IMAGES)}),
    ("digest", {each: f"@sha256:{number:064x}" for number, each in enumerate(IMAGES)})])
def test_an_overlay_on_top_names_registry_and_release_of_all(
        name: str, member: str, named: dict[str, str], tmp_path: Path) -> None:
    told = [{"name": f"libranet/{each}", "newName": f"{REGISTRY}/{each}", member: tag.lstrip(":@")}
            for each, tag in named.items()]
    own = laid_on(copy(tmp_path) / "overlays" / name, {"images": told})
    assert images(own) == {f"{REGISTRY}/{each}{tag}" for each, tag in named.items()}


def test_the_page_names_registry_and_release_of_each_image(tmp_path: Path) -> None:
    (told,) = re.findall(r"^```yaml\n(images:\n.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    own = laid_on(copy(tmp_path) / "overlays" / "consortium", yaml.safe_load(told))
    assert {image.rpartition(":")[0] for image in images(own)} == {f"{REGISTRY}/{each}" for each in IMAGES}
    assert {each["name"] for each in yaml.safe_load(told)["images"] if each["newTag"]} == {
        f"libranet/{each}" for each in IMAGES}


def test_the_operator_sees_that_new_files_bring_no_new_image_before_they_are_applied() -> None:
    upgrade = PAGE.partition("\n## Upgrade\n")[2].partition("\n## ")[0]
    places = [upgrade.index(step) for step in ("kubectl diff --kustomize", "kubectl apply --kustomize", "set image")]
    assert places == sorted(places)
