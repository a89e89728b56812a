# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One UDP socket on one address: whom a datagram is from, and whether it is STUN, DTLS or media.

Source: RFC 7983 (demultiplexing by the first byte).
"""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING

from fachwerk_media.net.burst import AVAILABLE, Burst
from fachwerk_media.net.path import Path, Peers

if TYPE_CHECKING:
    from fachwerk_media.metrics import Counters
    from fachwerk_media.net.ice import Agent

BUFFER_BYTES = 2 << 20
"""Kernel buffer in each direction, some 1,800 full packets: enough for a pause of the process at 5,000 packets/s, and
short enough that an overloaded process loses packets (clients then send less) and does not deliver seconds late."""
DATAGRAM_LIMIT_BYTES = 2048
BATCH = 128
"""Datagrams taken in one turn, before timers and signalling get theirs."""


class UdpSocket:
    """A bound socket and the peers that proved themselves on it."""

    def __init__(self, address: str, port: int, agent: Agent, counters: Counters) -> None:
        """Bind; raises OSError if that is not possible."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                self._socket.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
            self._socket.bind((address, port))
        except OSError:
            self._socket.close()
            raise
        self.address = address
        self.port: int = self._socket.getsockname()[1]
        self.peers: Peers = {}
        self._burst = Burst(self._socket.fileno()) if AVAILABLE else None
        self._agent = agent
        self._counters = counters

    def start(self) -> None:
        """Begin to read, in the running loop."""
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._readable)

    def close(self) -> None:
        """Stop reading and give the port back."""
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()
        if self._burst is not None:
            self._burst.close()

    def _readable(self) -> None:
        receive, peers, counters = self._socket.recvfrom, self.peers, self._counters
        for _ in range(BATCH):
            try:
                datagram, address = receive(DATAGRAM_LIMIT_BYTES)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:  # an ICMP error of an earlier send; the next datagram is waiting behind it
                counters.receive_failed += 1
                continue
            if not datagram:
                continue
            kind = datagram[0]
            if kind > 127:
                transport = peers.get(address)
                if transport is None:
                    counters.strangers += 1
                elif kind < 192:
                    transport.on_srtp(datagram, time.monotonic())
            elif kind < 4:
                path = Path(self.address, address, address[:2], self._socket.sendto, peers, self._burst)
                self._agent.check(datagram, path, time.monotonic())
            elif 19 < kind < 64:
                # DTLS only from an address that passed a check: a spoofed ClientHello costs nothing
                transport = peers.get(address)
                if transport is None:
                    counters.strangers += 1
                else:
                    transport.on_dtls(datagram)
