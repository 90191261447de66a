"""Commands for operators about partners: which private networks their webhooks may reach, and queues of their own."""

import secrets
import time
from collections.abc import Callable

import click

from gateway.deliveries import broker_accounts
from gateway.deliveries.broker_accounts import AccountsFailed, NoRightToIt
from gateway.deliveries.domain import partner_queue, subscriptions
from gateway.deliveries.domain.refusals import TypeUnknown
from gateway.deliveries.subscription_store import SubscriptionStore
from gateway.operator_calls import require_node
from gateway.store import connect
from libranet.broker import SETTLE_SECONDS
from libranet.clock import now
from libranet.ids import keyed_id
from libranet.local.broker import password_hash
from libranet.operator_access import connect as connect_operator

PASSWORD_BYTES = 24


@click.group("partner")
def partner_commands() -> None:
    """Partner colleges and employers: where their webhooks may go, and queues of their own."""
    connect_operator()


@partner_commands.command("allow")
@click.argument("node")
@click.argument("network")
def allow(node: str, network: str) -> None:
    """Let NODE's webhooks go to a NETWORK (like 127.0.0.0/8) that is not public."""
    click.echo(f"Webhooks of {node} may reach {_change('allow', node, network)} now.")


@partner_commands.command("disallow")
@click.argument("node")
@click.argument("network")
def disallow(node: str, network: str) -> None:
    """Take that back; it holds from the next attempt on."""
    _change("disallow", node, network)
    click.echo(f"Webhooks of {node} may no longer reach {network}.")


@partner_commands.command("amqp")
@click.argument("node")
@click.option("--types", help="Event types with commas between them, in full or in short; all where it is left out.")
@click.option("--rotate", is_flag=True, help="Give its user a new password; the one before stops at once.")
@click.option("--remove", is_flag=True, help="End the subscription and delete user and queue with what lies in it.")
def amqp(node: str, types: str | None, rotate: bool, remove: bool) -> None:
    """Give NODE a queue of its own and print once the URI by which it reads it.

    The queue lies in the virtual host libranet-partners; its user may read it and do nothing else. What patrons consent
    to share is laid into it, at most 10,000 messages, each for three days. Again with --types it changes the types.
    """
    store = SubscriptionStore(connect())
    kept = store.find(_id_of(node))
    try:
        if remove:
            _remove(store, node)
        elif kept is None:
            _make(store, node, _types(types))
        elif rotate or types is not None:
            _change_queue(store, node, types, rotate)
        else:
            raise click.ClickException(f"{node} has a queue. --rotate gives it a new password, --remove takes it away.")
    except AccountsFailed as failure:
        raise click.ClickException(f"Nothing is finished, try again: {failure}.") from failure


def _make(store: SubscriptionStore, node: str, types: list[str]) -> None:
    require_node(node)
    password = _new_password(node)
    time.sleep(SETTLE_SECONDS)
    store.add(subscriptions.new(_id_of(node), node, subscriptions.AMQP, types, now()) | {
        "created_by": "operator", "digest": ""})
    _tell(node, password)


def _change_queue(store: SubscriptionStore, node: str, types: str | None, rotate: bool) -> None:
    if types is not None:
        store.set_types(_id_of(node), _types(types))
        click.echo(f"The queue of {node} gets {types} from now on.", err=True)
    if rotate:
        password = _new_password(node)
        _do(lambda: broker_accounts.accounts().disconnect(node))
        _tell(node, password)


def _new_password(node: str) -> str:
    """Of the partner's user, which is made with its queue where it is not there."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    _do(lambda: broker_accounts.accounts().put(partner_queue.definitions(node, password_hash(password))))
    return password


def _tell(node: str, password: str) -> None:
    click.echo(broker_accounts.uri_of(node, password))
    click.echo(f"Queue: {partner_queue.queue(node)}. Keep the address; it is shown this once.", err=True)


def _remove(store: SubscriptionStore, node: str) -> None:
    store.delete(_id_of(node))
    _do(lambda: broker_accounts.accounts().remove(node))
    click.echo(f"{node} has no queue any more.")


def _do(change: Callable[[], None]) -> None:
    try:
        change()
    except NoRightToIt as command:
        click.echo(f"This has no right to change users at the broker. Run there:\n\n{command}\n", err=True)


def _id_of(node: str) -> str:
    """One queue a node."""
    return keyed_id("subscription", "amqp", node)


def _types(text: str | None) -> list[str]:
    try:
        return subscriptions.full_types([each.strip() for each in (text or subscriptions.EVERYTHING).split(",")])
    except TypeUnknown as unknown:
        raise click.ClickException(unknown.detail) from unknown


def _change(change: str, node: str, network: str) -> str:
    store = SubscriptionStore(connect())
    try:
        if change == "allow":
            return store.allow_network(node, network)
        store.disallow_network(node, network)
    except ValueError as reason:
        raise click.ClickException(f"Write a network like 127.0.0.0/8: {reason}") from reason
    return network
