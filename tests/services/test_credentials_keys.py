"""Signing keys rest encrypted outside the database, and all processes agree on which one signs."""

import json
import os
import stat
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from libranet.settings import SettingMissing
from services.credentials import cli
from services.credentials.adapters.key_folder import KeyFolder, KeyUnusable
from services.credentials.domain import keys

KEK, OTHER = bytes(range(32)), bytes(32)


def test_a_key_is_made_once_and_found_again_by_another_process(tmp_path: Path) -> None:
    made = KeyFolder(tmp_path / "keys", (KEK,)).signing_key("demo.riverside")
    assert KeyFolder(tmp_path / "keys", (KEK,)).signing_key("demo.riverside").did == made.did


def test_nothing_readable_is_in_the_file_and_only_its_owner_may_open_it(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private = Ed25519PrivateKey.generate()
    monkeypatch.setattr(keys, "make", lambda kind: private)
    KeyFolder(tmp_path, (KEK,)).signing_key("demo.riverside")
    file = tmp_path / "demo.riverside.json"
    for written in (private.private_bytes_raw(), b64encode(private.private_bytes_raw())):
        assert written not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["demo.riverside.json"]


def test_processes_that_make_a_key_at_the_same_time_agree_on_one(tmp_path: Path) -> None:
    folders = [KeyFolder(tmp_path, (KEK,)) for _ in range(16)]
    with ThreadPoolExecutor(16) as threads:
        dids = set(threads.map(lambda folder: folder.signing_key("demo.riverside").did, folders))
    assert len(dids) == 1


def test_each_node_has_its_own_key(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path, (KEK,))
    made = {node: folder.signing_key(node).did for node in ("demo.riverside", "demo.lakeside-college")}
    assert len(set(made.values())) == 2
    found = KeyFolder(tmp_path, (KEK,)).known()
    assert {node: key.did for node, [key] in found.items()} == made


def test_another_key_encryption_key_opens_nothing(tmp_path: Path) -> None:
    KeyFolder(tmp_path, (KEK,)).signing_key("demo.riverside")
    with pytest.raises(KeyUnusable, match="CREDENTIALS_KEK"):
        KeyFolder(tmp_path, (OTHER,)).signing_key("demo.riverside")


def test_two_key_encryption_keys_are_live_while_one_is_exchanged(tmp_path: Path) -> None:
    made = KeyFolder(tmp_path, (OTHER,)).signing_key("demo.riverside")
    assert KeyFolder(tmp_path, (KEK, OTHER)).signing_key("demo.riverside").did == made.did


def test_a_file_put_in_place_of_another_nodes_is_not_opened(tmp_path: Path) -> None:
    KeyFolder(tmp_path, (KEK,)).signing_key("demo.riverside")
    (tmp_path / "demo.riverside.json").rename(tmp_path / "demo.hillside.json")
    with pytest.raises(KeyUnusable):
        KeyFolder(tmp_path, (KEK,)).signing_key("demo.hillside")


@pytest.mark.parametrize("text", ["", "{}", "[]", json.dumps({"nonce": "!", "sealed": 1, "key": "x"})])
def test_a_damaged_file_says_so_and_is_never_written_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "demo.riverside.json").write_text(text)
    with pytest.raises(KeyUnusable):
        KeyFolder(tmp_path, (KEK,)).signing_key("demo.riverside")
    assert (tmp_path / "demo.riverside.json").read_text() == text


@pytest.mark.parametrize("node", ["..", "../x", "a/b", "", "A", ".hidden", "a..b", "a\n"])
def test_what_is_no_name_of_a_node_never_becomes_a_path(tmp_path: Path, node: str) -> None:
    folder = KeyFolder(tmp_path / "keys", (KEK,))
    assert folder.keys_of(node) == ()
    with pytest.raises(ValueError, match="not the name of a node"):
        folder.signing_key(node)


@pytest.mark.parametrize("text", ["short", "zz" * 32, "00" * 16])
def test_a_key_encryption_key_of_another_shape_is_refused_at_start(
        text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_KEK", text)
    monkeypatch.delenv("CREDENTIALS_KEK_FILE", raising=False)
    with pytest.raises(SettingMissing, match="64 hexadecimal digits"):
        KeyFolder.from_settings()


def test_each_kind_of_key_is_kept_and_found_by_another_process(tmp_path: Path) -> None:
    made = {kind: KeyFolder(tmp_path, (KEK,)).signing_key("demo.riverside", kind).id for kind in keys.KINDS}
    found = KeyFolder(tmp_path, (KEK,)).keys_of("demo.riverside")
    assert {key.kind: key.id for key in found} == made
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "demo.riverside.P-256-1.json", "demo.riverside.RSA-1.json", "demo.riverside.json"]


@pytest.mark.parametrize("kind", keys.KINDS)
def test_after_a_rotation_the_new_key_signs_and_the_old_one_stays(tmp_path: Path, kind: str) -> None:
    running = KeyFolder(tmp_path, (KEK,))
    old = running.signing_key("demo.riverside", kind)
    new = KeyFolder(tmp_path, (KEK,)).rotate("demo.riverside", kind)
    assert running.signing_key("demo.riverside", kind).id == new.id != old.id
    assert [(key.id, key.signs) for key in running.keys_of("demo.riverside")] == [(new.id, True), (old.id, False)]
    assert running.keys_of("demo.riverside")[1].retired_at == new.made_at


def test_a_running_process_hears_of_a_rotation_after_a_long_silence(tmp_path: Path) -> None:
    running = KeyFolder(tmp_path, (KEK,))
    running.signing_key("demo.riverside")
    os.utime(tmp_path, (1, 1))
    known = running.known()
    assert running.known() is known
    new = KeyFolder(tmp_path, (KEK,)).rotate("demo.riverside", keys.ED25519)
    assert running.signing_key("demo.riverside").id == new.id


def test_a_compromised_key_is_marked_and_signs_no_more(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path, (KEK,))
    old = folder.signing_key("demo.riverside")
    new = folder.mark_compromised("demo.riverside", old.id, datetime(2026, 11, 1, tzinfo=UTC))
    assert new.id != old.id
    found = KeyFolder(tmp_path, (KEK,)).keys_of("demo.riverside")
    assert [(key.id, key.compromised_at) for key in found] == [(new.id, None), (old.id, "2026-11-01T00:00:00.000Z")]


def test_marking_a_retired_key_makes_no_new_one(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path, (KEK,))
    old = folder.signing_key("demo.riverside")
    new = folder.rotate("demo.riverside", keys.ED25519)
    assert folder.mark_compromised("demo.riverside", old.id, datetime(2026, 11, 1, tzinfo=UTC)).id == new.id
    with pytest.raises(ValueError, match="no key"):
        folder.mark_compromised("demo.riverside", "z6Mkother", datetime(2026, 11, 1, tzinfo=UTC))


def test_a_key_put_in_place_of_a_newer_one_is_not_opened(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path, (KEK,))
    folder.signing_key("demo.riverside")
    folder.rotate("demo.riverside", keys.ED25519)
    (tmp_path / "demo.riverside.json").replace(tmp_path / "demo.riverside.Ed25519-2.json")
    with pytest.raises(KeyUnusable):
        KeyFolder(tmp_path, (KEK,)).signing_key("demo.riverside")


def test_a_damaged_file_of_one_node_does_not_stop_another(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path, (KEK,))
    kept = folder.signing_key("demo.hillside")
    (tmp_path / "demo.riverside.json").write_text("{}")
    assert KeyFolder(tmp_path, (KEK,)).signing_key("demo.hillside").id == kept.id
    assert set(KeyFolder(tmp_path, (KEK,)).known()) == {"demo.hillside"}


def test_a_file_from_before_kinds_and_numbers_is_opened(tmp_path: Path) -> None:
    private, nonce = Ed25519PrivateKey.generate(), bytes(12)
    did = keys.SigningKey.of(private).did
    sealed = AESGCM(KEK).encrypt(nonce, private.private_bytes_raw(),
                                 f"libranet credentials key|demo.riverside|{did}".encode())
    (tmp_path / "demo.riverside.json").write_bytes(orjson.dumps({
        "node": "demo.riverside", "key": did, "algorithm": "Ed25519", "made_at": "2026-11-01T00:00:00.000Z",
        "nonce": b64encode(nonce).decode(), "sealed": b64encode(sealed).decode()}))
    assert KeyFolder(tmp_path, (KEK,)).signing_key("demo.riverside").did == did


def test_an_operator_lists_rotates_and_marks_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"CREDENTIALS_KEYS_DIR": str(tmp_path), "CREDENTIALS_KEK": KEK.hex(), "MONGO_URI": "mongodb://x",
                        "AMQP_URI": "amqp://x"}.items():
        monkeypatch.setenv(name, value)
    old = KeyFolder(tmp_path, (KEK,)).signing_key("demo.riverside")
    assert old.id in said("list", "demo.riverside")
    new = KeyFolder(tmp_path, (KEK,)).known
    assert "from now on" in said("rotate", "demo.riverside")
    assert "retired" in said("list")
    assert "is marked" in said("compromised", "demo.riverside", old.id, "--since", "2026-11-01")
    assert "compromised 2026-11-01" in said("list", "demo.riverside")
    assert new()["demo.riverside"][0].signs
    assert "no keys" in said("rotate", "demo.nowhere", code=1)
    assert "no key" in said("compromised", "demo.riverside", "z6Mkother", code=1)


@pytest.fixture
def exchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment while a key-encryption key is exchanged: OTHER was before, KEK comes after it."""
    for name, value in {"CREDENTIALS_KEYS_DIR": str(tmp_path), "CREDENTIALS_KEK": KEK.hex(), "MONGO_URI": "mongodb://x",
                        "AMQP_URI": "amqp://x", "CREDENTIALS_KEK_PREVIOUS": OTHER.hex()}.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_after_an_exchange_of_the_key_encryption_key_the_same_keys_sign(
        tmp_path: Path, exchanged: pytest.MonkeyPatch) -> None:
    before = KeyFolder(tmp_path, (OTHER,))
    made = {kind: before.signing_key("demo.riverside", kind) for kind in keys.KINDS}
    before.mark_compromised("demo.riverside", made["RSA"].id, datetime(2026, 11, 1, tzinfo=UTC))
    signature = made[keys.ED25519].sign(b"signed before")
    running, known = KeyFolder.from_settings(), before.keys_of("demo.riverside")
    assert said("reseal") == "4 keys were sealed anew, 0 were already.\n"
    assert said("reseal") == "0 keys were sealed anew, 4 were already.\n"
    assert running.keys_of("demo.riverside") == known
    assert running.signing_key("demo.riverside").id == made[keys.ED25519].id
    exchanged.delenv("CREDENTIALS_KEK_PREVIOUS")
    after = KeyFolder.from_settings()
    assert after.keys_of("demo.riverside") == known
    signing = after.signing_key("demo.riverside")
    assert signing.id == made[keys.ED25519].id
    for each, text in ((signature, b"signed before"), (signing.sign(b"signed after"), b"signed after")):
        made[keys.ED25519].public.verify(each, text)
    with pytest.raises(KeyUnusable):
        KeyFolder(tmp_path, (OTHER,)).signing_key("demo.riverside")
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_a_process_that_makes_keys_meanwhile_loses_none(tmp_path: Path) -> None:
    before = KeyFolder(tmp_path, (OTHER,))
    made = {before.signing_key(f"demo.n{number}").id for number in range(30)}
    with ThreadPoolExecutor(4) as threads:
        resealing = [threads.submit(KeyFolder(tmp_path, (KEK, OTHER)).reseal) for _ in range(2)]
        running = KeyFolder(tmp_path, (KEK, OTHER))
        made |= {running.rotate(f"demo.n{number}", keys.ED25519).id for number in range(30)}
        assert not any(each.result().unusable for each in resealing)
    assert KeyFolder(tmp_path, (KEK, OTHER)).reseal().unusable == ()
    found = KeyFolder(tmp_path, (KEK,)).known()
    assert {key.id for ring in found.values() for key in ring} == made
    assert {path.suffix for path in tmp_path.iterdir()} == {".json"}


def test_a_kill_between_two_keys_leaves_the_rest_to_the_next_run(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        KeyFolder(tmp_path, (OTHER,)).signing_key(f"demo.n{number}")
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed_at(2, os.replace))
        with pytest.raises(KeyboardInterrupt):
            KeyFolder(tmp_path, (KEK, OTHER)).reseal()
    assert len(KeyFolder(tmp_path, (KEK, OTHER)).known()) == 3
    done = KeyFolder(tmp_path, (KEK, OTHER)).reseal()
    assert (done.anew, done.already) == (2, 1)


def killed_at(which: int, step: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
    """The step, which ends the process in place of its `which`-th time."""
    times = iter(range(1, which + 1))

    def taken(path: Path, target: Path) -> Path:
        if next(times) == which:
            raise KeyboardInterrupt
        return step(path, target)

    return taken


def test_a_file_that_no_key_opens_is_named_and_the_rest_is_sealed_anew(
        tmp_path: Path, exchanged: pytest.MonkeyPatch) -> None:
    KeyFolder(tmp_path, (bytes([7] * 32),)).signing_key("demo.foreign")
    (tmp_path / "demo.hillside.json").write_text("{}")
    KeyFolder(tmp_path, (OTHER,)).signing_key("demo.riverside")
    for told in ("1 keys were sealed anew, 0 were already.", "0 keys were sealed anew, 1 were already."):
        output = said("reseal", code=1)
        assert told in output
        assert "demo.foreign.json" in output
        assert "demo.hillside.json is damaged" in output
    assert (tmp_path / "demo.hillside.json").read_text() == "{}"


def test_without_a_previous_key_encryption_key_nothing_is_written(
        tmp_path: Path, exchanged: pytest.MonkeyPatch) -> None:
    exchanged.delenv("CREDENTIALS_KEK_PREVIOUS")
    KeyFolder.from_settings().signing_key("demo.riverside")
    before = (tmp_path / "demo.riverside.json").read_bytes()
    assert said("reseal") == "0 keys were sealed anew, 1 were already.\n"
    assert (tmp_path / "demo.riverside.json").read_bytes() == before


def test_the_previous_key_encryption_key_may_come_from_a_file(tmp_path: Path, exchanged: pytest.MonkeyPatch) -> None:
    KeyFolder(tmp_path, (OTHER,)).signing_key("demo.riverside")
    exchanged.delenv("CREDENTIALS_KEK_PREVIOUS")
    (tmp_path / "previous").write_text(OTHER.hex())
    exchanged.setenv("CREDENTIALS_KEK_PREVIOUS_FILE", str(tmp_path / "previous"))
    assert "1 keys were sealed anew" in said("reseal")
    (tmp_path / "previous").unlink()
    assert said("reseal") == "0 keys were sealed anew, 1 were already.\n"


def said(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(cli.key_commands, arguments)
    assert result.exit_code == code, result.output
    return result.output
