"""Where webhooks may go: address forms of every kind, names that resolve inside, and what the operator allows."""

from collections.abc import Sequence

import pytest

from gateway.deliveries import guard
from libranet.outside import addresses
from libranet.outside.guard import UrlRefused

PUBLIC = "93.184.215.14"
PUBLIC_6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


def names(**known: Sequence[str]) -> guard.Resolver:
    def resolve(host: str, _port: int) -> Sequence[str]:
        if host not in known:
            raise OSError("no such name")
        return known[host]
    return resolve


def check(url: str, *found: str, allowed: Sequence[str] = ()) -> guard.Target:
    return guard.check(url, [addresses.network(text) for text in allowed], lambda _host, _port: found)


@pytest.mark.parametrize("address", [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.1.2.3",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:a00:1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2001:10::1",
    "2002:7f00:1::1", "2002:a00:1::", "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0",
    "fec0::1", "ff02::1", "ff0e::1",
])
def test_an_address_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(UrlRefused, match="public internet"):
        check("https://partner.example.org/hook", address)


@pytest.mark.parametrize("address", [PUBLIC, PUBLIC_6, "8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_a_public_address_is_taken(address: str) -> None:
    assert check("https://partner.example.org/hook", address).addresses


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(UrlRefused):
        check("https://partner.example.org/", PUBLIC, "10.0.0.1", PUBLIC_6)


@pytest.mark.parametrize("host", [
    "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.0.0.1", "127.1", "127.0.1", "127.0.0.0x1",
    "0", "0x", "1.2.3.4.5", "256.1.1.1", "127.0.0.01", "example.0x7f", "[::1]", "[::ffff:127.0.0.1]",
    "[0:0:0:0:0:ffff:7f00:1]", "[64:ff9b::7f00:1]", "[fe80::1]", "[::127.0.0.1]", "127.0.0.1", "127.0.0.1.",
    "10.0.0.1", "169.254.169.254", "[fd00:ec2::254]", "[::1", "::1", "[::1]]", "[fe80::1%25eth0]", "[v1.fe80::a]",
])
def test_no_spelling_of_an_inner_address_gets_through(host: str) -> None:
    with pytest.raises(UrlRefused):
        guard.check(f"https://{host}/hook", (), names())


@pytest.mark.parametrize("url", [
    "", "partner.example.org", "//partner.example.org/", "/hook", "https:/partner.example.org", "https://", "https:///x",
    "ftp://partner.example.org/", "file:///etc/passwd", "gopher://partner.example.org/", "javascript:alert(1)",
    "https://user@partner.example.org/", "https://user:word@partner.example.org/", "https://a@b@partner.example.org/",
    "https://partner.example.org\\@inside/", "https://partner.example.org/#part", "https://partner.example.org/a b",
    "https://partner.example.org/\r\nX: y", "https://partner.example.org/\x00", "https://pärtner.example.org/",
    "https://127。0。0。1/", "https://①②⑦.0.0.1/", "https://partner.example.org:0/", "https://partner.example.org:99999/",
    "https://partner.example.org:/", "https://partner.example.org:4a3/", "https://partner..example.org/",
    "https://-partner.example.org/", f"https://{'a' * 64}.example.org/", f"https://{'a.' * 130}org/",
    "https://partner%2eexample.org/", "https://partner.example.org/" + "a" * 2000, " https://partner.example.org/",
    "https://partner.example.org,inside/", "https://exa$mple.org/",
])
def test_a_url_that_parsers_dispute_is_refused(url: str) -> None:
    with pytest.raises(UrlRefused):
        check(url, PUBLIC)


@pytest.mark.parametrize("url", [
    "http://partner.example.org/", "https://partner.example.org:8443/", "https://partner.example.org:80/",
    "http://partner.example.org:443/", "https://partner.example.org:22/",
])
def test_outside_only_https_on_443_is_used(url: str) -> None:
    with pytest.raises(UrlRefused, match="https on port 443"):
        check(url, PUBLIC)


def test_what_the_operator_allows_may_be_plain_and_on_any_port() -> None:
    target = check("http://receiver.inside:9000/hook?x=1", "10.1.2.3", allowed=["10.1.0.0/16"])
    assert target.addresses == ("10.1.2.3",)
    assert (target.place.host_header, target.place.path) == ("receiver.inside:9000", "/hook?x=1")
    assert check("http://127.0.0.1:9000/", allowed=["127.0.0.0/8"]).addresses == ("127.0.0.1",)
    assert check("http://[::1]:9000/", allowed=["::1/128"]).place.host_header == "[::1]:9000"


def test_an_allowed_network_opens_nothing_beside_it() -> None:
    for address in ("10.2.0.1", "127.0.0.1", "::1"):
        with pytest.raises(UrlRefused):
            check("http://receiver.inside:9000/", address, allowed=["10.1.0.0/16"])
    with pytest.raises(UrlRefused):
        check("http://receiver.inside:9000/", "10.1.0.1", "10.2.0.1", allowed=["10.1.0.0/16"])


def test_the_name_is_resolved_once_and_its_addresses_are_kept() -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    target = guard.check("https://rebinding.example.org/", (), lambda _host, _port: next(answers))
    assert target.addresses == (PUBLIC,)
    with pytest.raises(UrlRefused):
        guard.check("https://rebinding.example.org/", (), lambda _host, _port: next(answers))


def test_a_name_that_does_not_resolve_is_refused_with_the_reason() -> None:
    with pytest.raises(UrlRefused, match="does not resolve") as refused:
        guard.check("https://nowhere.example.org/", (), names())
    assert refused.value.errors[0]["field"] == "/url"


def test_a_refusal_never_tells_an_address() -> None:
    with pytest.raises(UrlRefused) as refused:
        check("https://intranet.example.org/", "10.20.30.40")
    assert "10.20" not in str(refused.value.problem())


def test_a_bare_name_gets_a_path_and_a_lower_case_host() -> None:
    place = guard.read("HTTPS://Partner.Example.ORG.")
    assert (place.scheme, place.host, place.port, place.path) == ("https", "partner.example.org", 443, "/")
    assert guard.read("https://partner.example.org?x=1").path == "/?x=1"


def test_the_setting_takes_networks_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEBHOOK_ALLOWED_NETWORKS", raising=False)
    assert guard.allowed_networks() == ()
    monkeypatch.setenv("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8, ::1/128")
    assert [str(each) for each in guard.allowed_networks(("10.0.0.0/8",))] == ["127.0.0.0/8", "::1/128", "10.0.0.0/8"]
    monkeypatch.setenv("WEBHOOK_ALLOWED_NETWORKS", "everything")
    with pytest.raises(ValueError, match="everything"):
        guard.allowed_networks()
