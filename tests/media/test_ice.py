# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""ICE checks: only who knows the password is answered and gets an address."""

from typing import Any

from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from fachwerk_media.dtls import Identity
from fachwerk_media.metrics import Counters
from fachwerk_media.net.ice import Agent
from fachwerk_media.net.path import Path, Peers
from fachwerk_media.transport import CONSENT_S, PATHS_LIMIT, Transport

IDENTITY = Identity()


class Owner:
    """Notes what is reported."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self.reported: list[object] = []

    def on_rtp(self, packet: bytes, now: float) -> None:
        self.reported.append((packet, now))

    def on_rtcp(self, packet: bytes, now: float) -> None:
        self.reported.append((packet, now))

    def on_ready(self, transport: Transport) -> None:
        self.reported.append(transport)

    def on_path(self, transport: Transport) -> None:
        self.path = transport.path

    def on_message(self, label: str, message: bytes) -> None:
        self.reported.append((label, message))


class Net:
    """An agent with one transport, and what it sends."""

    def __init__(self) -> None:
        self.counters = Counters()
        self.agent = Agent(self.counters)
        self.owner = Owner()
        self.transport = Transport(self.agent, IDENTITY, self.counters, self.owner)
        self.sent: list[tuple[bytes, Any]] = []
        self.peers: Peers = {}

    def path(self, port: int = 1) -> Path:
        address = ("192.0.2.1", port)
        return Path("192.0.2.2", address, address, lambda datagram, to: self.sent.append((datagram, to)), self.peers)

    def check(self, *, password: str | None = None, ufrag: str | None = None, nominate: bool = False) -> bytes:
        credentials = self.transport.credentials
        attributes: dict[str, Any] = {"USERNAME": f"{ufrag or credentials.ufrag}:theirs", "PRIORITY": 1}
        if nominate:
            attributes["USE-CANDIDATE"] = None
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes=attributes)
        message.add_message_integrity((password or credentials.password).encode())
        return bytes(message)


def test_a_signed_check_is_answered_from_where_it_was_asked() -> None:
    net = Net()
    assert net.agent.check(net.check(), net.path(), 1.0)
    ((answer, to),) = net.sent
    message = stun.parse_message(answer)
    assert message.message_class == stun.Class.RESPONSE
    assert message.attributes["XOR-MAPPED-ADDRESS"] == ("192.0.2.1", 1)
    assert message.check_message_integrity(net.transport.credentials.key)
    assert to == ("192.0.2.1", 1)
    assert net.peers == {("192.0.2.1", 1): net.transport}
    assert net.owner.path == net.path()


def test_a_wrong_password_or_name_gets_nothing() -> None:
    net = Net()
    assert not net.agent.check(net.check(password="wrong"), net.path(), 1.0)
    assert not net.agent.check(net.check(ufrag="wrong"), net.path(), 1.0)
    assert net.sent == []
    assert net.peers == {}
    assert net.counters.checks_refused == 2


def test_a_request_without_integrity_gets_nothing() -> None:
    net = Net()
    bare = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    bare.attributes["USERNAME"] = f"{net.transport.credentials.ufrag}:x"
    assert not net.agent.check(bytes(bare), net.path(), 1.0)
    assert net.sent == []


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_without_harm(datagram: bytes) -> None:
    net = Net()
    assert not net.agent.check(datagram, net.path(), 1.0)
    assert net.peers == {}


@given(st.lists(st.tuples(st.integers(0, 150), st.integers(1, 255)), min_size=1, max_size=4))
def test_a_changed_check_is_refused(changes: list[tuple[int, int]]) -> None:
    net = Net()
    original = net.check()
    changed = bytearray(original)
    for place, mask in changes:
        changed[place % len(changed)] ^= mask
    accepted = net.agent.check(bytes(changed), net.path(), 1.0)
    # the fingerprint at the end is no part of what the password signs
    assert not accepted or changed[:-8] == original[:-8]


def test_a_nominated_path_is_taken_and_others_are_kept() -> None:
    net = Net()
    net.agent.check(net.check(), net.path(1), 1.0)
    net.agent.check(net.check(), net.path(2), 1.0)
    assert net.transport.path == net.path(1)
    net.agent.check(net.check(nominate=True), net.path(2), 1.0)
    assert net.transport.path == net.path(2)
    assert len(net.peers) == 2


def test_paths_are_bounded_and_the_one_in_use_stays() -> None:
    net = Net()
    for port in range(1, 3 * PATHS_LIMIT):
        net.agent.check(net.check(), net.path(port), 1.0)
    assert len(net.peers) == PATHS_LIMIT
    assert net.transport.path == net.path(1)
    assert ("192.0.2.1", 1) in net.peers


def test_without_checks_nothing_is_sent_any_more() -> None:
    net = Net()
    net.agent.check(net.check(), net.path(), 1.0)
    paths = []
    for now in (1.0 + CONSENT_S, 1.1 + CONSENT_S):
        net.transport.check_consent(now)
        paths.append(net.transport.path)
    net.agent.check(net.check(), net.path(), 60.0)
    assert [*paths, net.transport.path] == [net.path(), None, net.path()]


def test_a_restart_changes_the_credentials() -> None:
    net = Net()
    old = net.check()
    net.transport.restart()
    assert not net.agent.check(old, net.path(), 1.0)
    assert net.agent.check(net.check(), net.path(), 1.0)


def test_a_closed_transport_is_forgotten() -> None:
    net = Net()
    net.agent.check(net.check(), net.path(), 1.0)
    valid = net.check()
    net.transport.close()
    assert net.peers == {}
    assert not net.agent.check(valid, net.path(), 1.0)
