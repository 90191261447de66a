"""Signing keys rest encrypted outside the database, and all processes agree on one per node."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from libranet.settings import SettingMissing
from services.credentials.adapters.key_folder import KeyFolder, KeyUnusable

KEK, OTHER = bytes(range(32)), bytes(32)


def test_a_key_is_made_once_and_found_again_by_another_process(tmp_path: Path) -> None:
    made = KeyFolder(tmp_path / "keys", (KEK,)).signing_key("demo.riverside")
    assert KeyFolder(tmp_path / "keys", (KEK,)).signing_key("demo.riverside").did == made.did


def test_nothing_readable_is_in_the_file_and_only_its_owner_may_open_it(tmp_path: Path) -> None:
    made = KeyFolder(tmp_path, (KEK,)).signing_key("demo.riverside")
    file = tmp_path / "demo.riverside.json"
    assert made.private.private_bytes_raw() not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["demo.riverside.json"]


def test_processes_that_make_a_key_at_the_same_time_agree_on_one(tmp_path: Path) -> None:
    folders = [KeyFolder(tmp_path, (KEK,)) for _ in range(16)]
    with ThreadPoolExecutor(16) as threads:
        dids = set(threads.map(lambda folder: folder.signing_key("demo.riverside").did, folders))
    assert len(dids) == 1


def test_each_node_has_its_own_key(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path, (KEK,))
    keys = {folder.signing_key(node).did: node for node in ("demo.riverside", "demo.lakeside-college")}
    assert len(keys) == 2
    assert KeyFolder(tmp_path, (KEK,)).known() == keys


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
    assert folder.find_key(node) is None
    with pytest.raises(ValueError, match="not the name of a node"):
        folder.signing_key(node)


@pytest.mark.parametrize("text", ["short", "zz" * 32, "00" * 16])
def test_a_key_encryption_key_of_another_shape_is_refused_at_start(
        text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_KEK", text)
    monkeypatch.delenv("CREDENTIALS_KEK_FILE", raising=False)
    with pytest.raises(SettingMissing, match="64 hexadecimal digits"):
        KeyFolder.from_settings()
