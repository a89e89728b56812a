# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One peer connection with a real handshake, over a wire we hold in our hands."""

import asyncio
import contextlib
from typing import Any

import pytest
from aioice import stun
from pylibsrtp import Error as SrtpError

from fachwerk_media.dtls import Dtls, HandshakeFailedError, Identity
from fachwerk_media.metrics import Counters
from fachwerk_media.net.ice import Agent
from fachwerk_media.net.path import Path, Peers
from fachwerk_media.rtp.packet import header
from fachwerk_media.transport import Transport
from tests.media.stage import Owner

SERVER, CLIENT = Identity(), Identity()
ADDRESS = ("192.0.2.1", 1)


class Wire:
    """A server's transport and a client's end; `lose` swallows what the server sends."""

    def __init__(self) -> None:
        self.counters = Counters()
        self.agent = Agent(self.counters)
        self.owner = Owner()
        self.transport = Transport(self.agent, SERVER, self.counters, self.owner)
        self.peers: Peers = {}
        self.lose = 0
        self.media: list[bytes] = []
        self.client = Dtls(CLIENT, self._to_server, client=True)
        self._queue: list[bytes] = []
        path = Path("192.0.2.2", ADDRESS, ADDRESS, self._to_client, self.peers)
        check = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        check.attributes["USERNAME"] = f"{self.transport.credentials.ufrag}:x"
        check.add_message_integrity(self.transport.credentials.key)
        assert self.agent.check(bytes(check), path, 0.0)

    def _to_client(self, datagram: bytes, _: Any) -> None:
        if self.lose:
            self.lose -= 1
        elif datagram[0] > 127:
            self.media.append(datagram)
        elif datagram[0] > 3:
            self._queue.append(datagram)

    def _to_server(self, datagram: bytes) -> None:
        self.transport.on_dtls(datagram)

    def deliver(self) -> None:
        """Hand over what waits for the client, and what that causes."""
        while self._queue:
            self.client.receive(self._queue.pop(0))

    def is_ready(self) -> bool:
        """Whether media may flow."""
        return self.transport.ready


async def test_media_flows_once_the_certificate_is_the_described_one() -> None:
    wire = Wire()
    wire.transport.expect(CLIENT.fingerprint)
    wire.client.begin()
    wire.deliver()
    assert wire.client.peer_fingerprint == SERVER.fingerprint
    assert wire.is_ready()
    inbound, outbound = wire.client.sessions()
    packet = header(0x80, 96, 1, 2, 3) + b"hello"
    wire.transport.on_srtp(outbound.protect(packet), 5.0)
    assert (packet, 5.0) in wire.owner.reported
    wire.transport.send_rtp(packet)
    assert inbound.unprotect(wire.media[-1]) == packet


async def test_a_handshake_faster_than_the_description_waits_for_it() -> None:
    wire = Wire()
    wire.client.begin()
    wire.deliver()
    _, outbound = wire.client.sessions()
    early = outbound.protect(header(0x80, 96, 1, 2, 3) + b"early")
    wire.transport.on_srtp(early, 1.0)
    assert not wire.is_ready()
    assert wire.transport not in wire.owner.reported
    wire.transport.expect(CLIENT.fingerprint)
    assert wire.is_ready()
    assert wire.transport in wire.owner.reported


@pytest.mark.parametrize("first", ["handshake", "description"])
async def test_another_certificate_than_the_described_one_is_refused(first: str) -> None:
    wire = Wire()
    if first == "description":
        wire.transport.expect(Identity().fingerprint)
    wire.client.begin()
    with contextlib.suppress(EOFError):  # the server hangs up
        wire.deliver()
    if first == "handshake":
        wire.transport.expect(Identity().fingerprint)
    assert wire.transport.closed
    assert wire.peers == {}
    assert wire.counters.handshakes_failed == 1


async def test_a_lost_flight_is_sent_again() -> None:
    wire = Wire()
    wire.transport.expect(CLIENT.fingerprint)
    wire.lose = 1
    wire.client.begin()
    wire.deliver()
    assert not wire.is_ready()
    async with asyncio.timeout(10):
        while not wire.is_ready():
            await asyncio.sleep(0.1)
            wire.deliver()
    assert wire.counters.handshakes == 1


async def test_noise_instead_of_a_handshake_closes_that_transport_only() -> None:
    wire = Wire()
    wire.transport.on_dtls(bytes((22, 254, 253)) + bytes(10) + b"\xff" * 200)
    wire.transport.on_dtls(bytes(range(20, 63)) * 3)
    other = Transport(wire.agent, SERVER, wire.counters, Owner())
    assert not wire.is_ready()
    assert other.credentials.ufrag in wire.agent.transports


async def test_no_number_is_encrypted_twice() -> None:
    wire = Wire()
    wire.transport.expect(CLIENT.fingerprint)
    wire.client.begin()
    wire.deliver()
    packet = header(0x80, 96, 7, 2, 3) + b"one"
    wire.transport.send_rtp(packet)
    with pytest.raises(SrtpError):
        wire.transport.send_rtp(header(0x80, 96, 7, 2, 3) + b"two")


@pytest.mark.parametrize("size", [0, 1, 11, 12, 60, 1500, 2048])
async def test_noise_instead_of_media_is_counted_and_dropped(size: int) -> None:
    wire = Wire()
    wire.transport.expect(CLIENT.fingerprint)
    wire.client.begin()
    wire.deliver()
    before = len(wire.owner.reported)
    for second in (0x60, 0xC8):
        wire.transport.on_srtp((bytes((0x80, second)) + bytes(size))[:size], 1.0)
    assert len(wire.owner.reported) == before
    assert wire.counters.unauthentic == (2 if 12 <= size <= 1500 else 0)


async def test_a_closed_transport_sends_and_takes_nothing() -> None:
    wire = Wire()
    wire.transport.expect(CLIENT.fingerprint)
    wire.client.begin()
    wire.deliver()
    _, outbound = wire.client.sessions()
    wire.transport.close()
    sent, reported = len(wire.media), len(wire.owner.reported)
    wire.transport.send_rtcp(header(0x80, 200, 1, 2, 3))
    assert wire.transport.send_rtp(header(0x80, 96, 1, 2, 3)) == 0
    wire.transport.on_srtp(outbound.protect(header(0x80, 96, 1, 2, 3) + b"late"), 1.0)
    wire.transport.on_dtls(b"\x16" + bytes(100))
    assert (len(wire.media), len(wire.owner.reported)) == (sent, reported)
    with pytest.raises(EOFError):
        wire.deliver()


async def test_a_client_learns_of_a_handshake_that_cannot_be() -> None:
    client = Dtls(CLIENT, lambda _: None, client=True)
    client.begin()
    alert = bytes((21, 254, 253)) + bytes(8) + b"\x00\x02\x02\x28"
    with pytest.raises(HandshakeFailedError):
        client.receive(alert)
