"""One set of images for all tests of them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.image import IMAGES
from tests.deploy import images


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each image's folder of packages, by name."""
    folder = tmp_path_factory.mktemp("images")
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(IMAGES, pool.map(lambda name: images.build(name, folder / name), IMAGES), strict=True))
