"""`python -m tests.conformance.schema FILE`: holds our samples against the schema that 1EdTech publishes.

See docs/conformance.md. FILE is `ob_v3p0_achievementcredential_schema.json`.
"""

import json
import sys
from pathlib import Path

import click
import jsonschema_rs

from libranet.clock import now
from services.credentials.domain.samples import samples

BADGE, UNFIT = "OpenBadgeCredential", "wrong-context"
"""The schema is of badges, and sees neither signatures nor dates: of the bad samples it rejects one."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("schema", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(schema: Path) -> None:
    """Judge freshly signed samples by the schema in the file SCHEMA; ends with 1 when it finds otherwise than we do."""
    judge = jsonschema_rs.validator_for(json.loads(schema.read_text(encoding="utf-8")), validate_formats=True)
    surprises = 0
    for path, content in sorted((each.path, each.content) for each in samples("https://libranet.example.org", now())):
        document = json.loads(content) if path.endswith(".json") else {}
        if BADGE not in document.get("type", ()):
            continue
        faults = [f"/{'/'.join(map(str, each.instance_path))}: {each.message}" for each in judge.iter_errors(document)]
        surprises += bool(faults) != (UNFIT in path)
        click.echo(f"{path}: {'; '.join(faults) or 'valid'}")
    sys.exit(1 if surprises else 0)


if __name__ == "__main__":
    main()
