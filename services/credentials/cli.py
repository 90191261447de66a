"""`libranet issuer-keys …`: the keys that issuers sign with. `libranet credentials …`: samples for other people's
verifiers."""

from datetime import UTC, datetime
from pathlib import Path

import click

from libranet.clock import now
from libranet.operator_access import connect as connect_operator
from services.credentials.adapters.key_folder import KeyFolder
from services.credentials.domain import keys
from services.credentials.domain.keys import SigningKey
from services.credentials.domain.samples import samples

KINDS = click.Choice(keys.KINDS)


@click.group("issuer-keys")
def key_commands() -> None:
    """Signing keys of issuers: list, rotate, compromised, reseal."""
    connect_operator()


@key_commands.command("list")
@click.argument("node", required=False)
def list_keys(node: str | None) -> None:
    """List the keys of NODE, or of all issuers; private parts are not shown."""
    for each, ring in sorted(KeyFolder.from_settings().known().items()):
        for key in ring if node in (None, each) else ():
            click.echo(f"{each:<32} {key.kind:<8} {_state(key):<38} {key.id}")


@key_commands.command("rotate")
@click.argument("node")
@click.option("--kind", "kinds", multiple=True, type=KINDS, help="Instead of every kind that the node has.")
def rotate(node: str, kinds: tuple[str, ...]) -> None:
    """Give NODE new keys. Those before stay published, and what they signed holds. Running services sign with the new
    ones from the next credential on."""
    folder = KeyFolder.from_settings()
    found = kinds or tuple(dict.fromkeys(key.kind for key in folder.keys_of(node)))
    if not found:
        raise click.ClickException(f"{node} has no keys; the first is made with its first credential.")
    for kind in found:
        click.echo(f"{node} signs with {kind} {folder.rotate(node, kind).id} from now on.")


@key_commands.command("compromised")
@click.argument("node")
@click.argument("key")
@click.option("--since", type=click.DateTime(), help="When others may first have had it (UTC); now if not given.")
def compromised(node: str, key: str, since: datetime | None) -> None:
    """Mark a KEY of NODE that others may have had; another one signs from now on."""
    known_since = since.replace(tzinfo=UTC) if since else now()
    try:
        signing = KeyFolder.from_settings().mark_compromised(node, key, known_since)
    except ValueError as reason:
        raise click.ClickException(f"{reason}. `libranet issuer-keys list {node}` shows them.") from reason
    click.echo(f"{key} is marked. {node} signs with {signing.kind} {signing.id} from now on.")
    click.echo("Issue anew what it signed since then, and take back what you did not sign.")


@key_commands.command("reseal")
def reseal() -> None:
    """Seal every key under the present CREDENTIALS_KEK that only CREDENTIALS_KEK_PREVIOUS opens. Services that are told
    both go on signing meanwhile; when nothing is left, neither they nor you need the previous one. Safe to repeat."""
    done = KeyFolder.from_settings().reseal()
    click.echo(f"{done.anew} keys were sealed anew, {done.already} were already.")
    if done.unusable:
        raise click.ClickException("\n".join(map(str, done.unusable)))


@click.group("credentials")
def credential_commands() -> None:
    """Credentials: samples."""


@credential_commands.command("samples")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--address", default="https://libranet.example", show_default=True,
              help="Where the platform would be reached; nothing is asked there.")
def write_samples(folder: Path, address: str) -> None:
    """Write one file of every kind that is issued to FOLDER, freshly signed with keys of their own, and to FOLDER/bad
    those that have to be rejected. index.json tells what each is and what it needs."""
    if not address.startswith("https://"):
        raise click.ClickException("Give an address that begins with https://, as did:web needs one.")
    made = samples(address.rstrip("/"), now())
    for each in made:
        path = folder / each.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each.content)
    click.echo(f"{len(made)} files are in {folder}; index.json says what a verifier must say of each.")


def _state(key: SigningKey) -> str:
    if key.compromised_at:
        return f"compromised {key.compromised_at}"
    return f"retired {key.retired_at}" if key.retired_at else f"signs since {key.made_at}"
