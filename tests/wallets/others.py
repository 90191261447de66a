"""A wallet that others wrote (`@openid4vc/openid4vci`), where setup found node to install it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "openid4vc"
PATIENCE_SECONDS = 60


def is_installed() -> bool:
    return (FOLDER / "node_modules").is_dir() and shutil.which("node") is not None


def take(link: str, tx_code: str, configuration: str, curve: str = "P-256") -> dict[str, Any]:
    """The whole walk: `credential` and the wallet's `key`, or the `error` that it ended with."""
    asked = {"link": link, "tx_code": tx_code, "configuration": configuration, "curve": curve}
    done = subprocess.run(["node", str(FOLDER / "wallet.mjs")], input=json.dumps(asked), text=True,
                          capture_output=True, timeout=PATIENCE_SECONDS)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))
