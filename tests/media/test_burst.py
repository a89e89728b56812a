# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The fan-out to real sockets: everybody gets their own packet, and who cannot be reached harms nobody."""

import gc
import secrets
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pylibsrtp import Policy, Session

from fachwerk_media.forward.fanout import PLAIN, Subscriber, fanout, way_out
from fachwerk_media.net.burst import SLOTS, Burst
from fachwerk_media.net.path import Path
from fachwerk_media.rtp.packet import Packet
from fachwerk_media.srtp import Outbound

PACKET = Packet(100, 9000, 0x80, b"picture" * 100, None, None, 0.0)
NOBODY = ("127.0.0.1", 0)
"""The kernel refuses to send there."""


def _families() -> list[socket.AddressFamily]:
    """Both, or IPv4 alone on a host whose kernel has no other."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return [socket.AF_INET]
    return [socket.AF_INET, socket.AF_INET6]


FAMILIES = _families()


class Listener:
    """One subscriber with a socket and a key of its own."""

    def __init__(self, family: socket.AddressFamily) -> None:
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.settimeout(5)
        self.socket.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        self.key = secrets.token_bytes(30)
        self._session = Session(Policy(key=self.key, ssrc_type=Policy.SSRC_ANY_INBOUND))

    def received(self) -> bytes:
        return self._session.unprotect(self.socket.recv(2048))


class House:
    """The sending sockets and those who listen."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.ways: dict[socket.AddressFamily, tuple[socket.socket, Burst]] = {}
        for family in FAMILIES:
            way = stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
            way.setblocking(False)
            self.ways[family] = way, Burst(way.fileno())

    def listener(self, family: socket.AddressFamily = socket.AF_INET) -> Listener:
        listener = Listener(family)
        self._stack.callback(listener.socket.close)
        return listener

    def subscriber(self, listener: Listener, ssrc: int, address: Any = None, *, burst: bool = True) -> Subscriber:
        way, gathering = self.ways[listener.socket.family]
        peer = address or listener.socket.getsockname()
        path = Path("here", peer, peer[:2], way.sendto, {}, gathering if burst else None)
        context = Outbound(Session(Policy(key=listener.key, ssrc_type=Policy.SSRC_ANY_OUTBOUND))).context
        return None, 0, context, path.burst, path.target(), ssrc, 0, 0, 96, PLAIN, 0, 0


@pytest.fixture
def house() -> Iterator[House]:
    with ExitStack() as stack:
        yield House(stack)


def test_more_than_one_call_takes_on_both_families_and_one_by_one(house: House) -> None:
    listeners = [house.listener(FAMILIES[n % len(FAMILIES)]) for n in range(2 * SLOTS + 5)]
    subscribers = [house.subscriber(one, n + 1, burst=n % 7 != 0) for n, one in enumerate(listeners)]
    gc.collect()  # the encryption of each lives as long as the subscriber's tuple, and nothing else holds it here
    for step, order in enumerate((way_out, lambda subscriber: subscriber[5])):
        fan = tuple(sorted(((*one[:6], step, *one[7:]) for one in subscribers), key=order))
        assert fanout(PACKET, fan) == 0
        for n, listener in enumerate(listeners):
            packet = listener.received()
            assert packet[8:12] == (n + 1).to_bytes(4, "big")
            assert packet[12:] == PACKET.payload
    assert fanout(PACKET, ()) == 0


@pytest.mark.parametrize("place", [0, 3, 6])
def test_an_address_the_kernel_refuses_holds_nobody_up(house: House, place: int) -> None:
    listeners = [house.listener() for _ in range(7)]
    fan = tuple(house.subscriber(one, 7, NOBODY if n == place else None) for n, one in enumerate(listeners))
    assert fanout(PACKET, fan) == 1
    for n, listener in enumerate(listeners):
        if n != place:
            assert listener.received()[12:] == PACKET.payload


def test_a_number_sent_twice_is_refused(house: House) -> None:
    listener = house.listener()
    subscriber = house.subscriber(listener, 7)
    assert fanout(PACKET, (subscriber, subscriber)) == 1
    assert listener.received()[12:] == PACKET.payload


def test_nothing_is_sent_through_the_number_of_a_closed_socket(house: House) -> None:
    way, burst = house.ways[socket.AF_INET]
    listener = house.listener()
    subscriber = house.subscriber(listener, 7)
    way.close()
    burst.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        assert fanout(PACKET, (subscriber,)) == 1
    listener.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        listener.socket.recv(2048)
