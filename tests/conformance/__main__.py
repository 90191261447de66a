"""`python -m tests.conformance SUITE`: runs an unpacked and installed w3c/vc-di-eddsa-test-suite against ours.

See docs/conformance.md. The suite gets a localConfig.cjs, which makes it ask this entrance and nobody else.
"""

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import click
from werkzeug.serving import WSGIRequestHandler, make_server

from services.credentials.domain import proofs
from tests.conformance.entrance import KEY, VERIFY, entrance, keep

CONTEXTS_OF_THE_SUITE = """
const found = {};
for(const name of ['credentials-context', 'data-integrity-context', 'multikey-context']) {
  const module = await import('@digitalbazaar/' + name);
  for(const [address, text] of module.contexts ?? module.default.contexts) found[address] = text;
}
console.log(JSON.stringify(found));
"""


class Quiet(WSGIRequestHandler):
    """The suite's own report is what matters."""

    def log(self, *_: object) -> None:
        return


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("suite", type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path))
def main(suite: Path) -> None:
    """Run the suite in the folder SUITE, where `npm install` was run, and give its exit code."""
    mocha, node = suite / "node_modules" / ".bin" / "mocha", shutil.which("node")
    if node is None or not mocha.exists():
        raise click.ClickException(f"Install Node.js 18 or newer, and run `npm install` in {suite}.")
    printed = subprocess.run([node, "--input-type=module", "--eval", CONTEXTS_OF_THE_SUITE], cwd=suite, check=True,
                             capture_output=True, text=True).stdout
    keep(json.loads(printed))
    server = make_server("127.0.0.1", 0, entrance, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (suite / "localConfig.cjs").write_text(f"module.exports = {json.dumps(settings(server.port), indent=2)};\n")
    ran = subprocess.run([node, str(mocha), "tests/", "--reporter", "spec", "--timeout", "15000",
                          "--preserve-symlinks"], cwd=suite, check=False)
    sys.exit(ran.returncode)


def settings(port: int) -> dict[str, object]:
    """What the suite has to know of this entrance."""
    base = f"http://127.0.0.1:{port}"

    def endpoint(path: str, *tags: str) -> dict[str, object]:
        return {"id": KEY.did, "endpoint": base + path, "supports": {"vc": ["1.1", "2.0"]},
                "tags": [*tags, "localhost"]}

    return {
        "settings": {"enableInteropTests": False, "testAllImplementations": False},
        "implementations": [{
            "name": "Libranet", "implementation": "Libranet",
            "issuers": [endpoint("/rdfc/issue", proofs.RDFC), endpoint("/jcs/issue", proofs.JCS)],
            "verifiers": [endpoint(VERIFY, *proofs.SUITES)]}]}


if __name__ == "__main__":
    main()
