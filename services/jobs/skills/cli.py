"""`libranet jobs taxonomy …`: takes official taxonomies in, and tells which are there."""

from pathlib import Path

import click

from libranet import operator_access
from libranet.clock import rfc3339
from libranet.mongo import Database
from services.jobs.skills.adapters import esco, onet
from services.jobs.skills.adapters.importing import import_source
from services.jobs.skills.adapters.tables import Bundle, NoSuchTable
from services.jobs.skills.domain.taxonomy import Source
from services.jobs.skills.store import COLLECTIONS, SkillStore


@click.group("taxonomy")
def taxonomy_commands() -> None:
    """The skills that postings are searched for: ESCO, O*NET and the list that comes with us."""


@taxonomy_commands.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(exists=True, path_type=Path))
@click.option("--version", help="As its publisher calls it, like 1.1.1; shown by `list`.", default="unknown")
@click.option("--groups", is_flag=True, help="Take ESCO's skill groups as skills, too.")
def import_taxonomy(files: tuple[Path, ...], version: str, groups: bool) -> None:
    """Import the official ESCO CSV bundle or O*NET's text files, as zip files, folders or single files.

    Several FILEs are one bundle (ESCO gives labels and relations in two). Safe to stop and to repeat. Open postings
    are looked through again in the background; /metrics of jobs tells how many are left.
    """
    bundle = Bundle(list(files))
    try:
        sources = list(_read(bundle, version, groups))
    except (NoSuchTable, KeyError, UnicodeDecodeError) as reason:
        raise click.ClickException(f"This cannot be read as a taxonomy: {reason}") from reason
    if not sources:
        raise click.ClickException("This is neither ESCO's CSV bundle (skills_en.csv) nor O*NET's text files "
                                   f"(Technology Skills.txt). It holds: {', '.join(bundle.names) or 'nothing'}.")
    database = _database()
    for source in sources:
        new = import_source(source, database.transact, _show_progress)
        click.echo(f"\r{source.name} {source.version}: {len(source.skills)} skills, {len(source.occupations)} "
                   f"occupations{'' if new else '; nothing new'}. {source.attribution}")


@taxonomy_commands.command("list")
def list_taxonomies() -> None:
    """List what was imported, with the sentence that has to be shown with it."""
    for each in SkillStore(_database().reading()).editions():
        click.echo(f"{each.name} {each.version}: {each.skills} skills, {each.occupations} occupations, imported "
                   f"{rfc3339(each.imported_at)}. {each.attribution}")


def _read(bundle: Bundle, version: str, groups: bool) -> list[Source]:
    found = [esco.read(bundle, version, groups)] if esco.is_esco(bundle) else []
    return [*found, onet.read(bundle, version)] if onet.is_onet(bundle) else found


def _database() -> Database:
    operator_access.connect()
    return Database().connect("jobs", COLLECTIONS, holder="operator@jobs.taxonomy")


def _show_progress(done: int, pages: int) -> None:
    click.echo(f"\r{done} of {pages} pages", nl=False, err=True)
