# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The media port: the same number on every address, UDP and TCP. Everybody's packets come in here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fachwerk_media.net.ice import Agent
from fachwerk_media.net.tcp import TcpListener
from fachwerk_media.net.udp import UdpSocket

if TYPE_CHECKING:
    from fachwerk_media.metrics import Counters

ATTEMPTS = 20
"""Free ports tried until one is free on all addresses."""
UDP_PRIORITY = 2130706431
"""Host candidate, RFC 8445 section 5.1.2; each further address a little lower."""
TCP_PRIORITY = 1671430143


class Mux:
    """The sockets of this process and the candidates that name them."""

    def __init__(self, addresses: list[str], counters: Counters, *, announced: tuple[str, ...] = ()) -> None:
        """addresses: to bind. announced: further ones under which a NAT makes the first of them reachable."""
        self.agent = Agent(counters)
        self.udp: list[UdpSocket] = []
        self.tcp: list[TcpListener] = []
        self._addresses = addresses
        self._announced = announced
        self._counters = counters

    async def open(self, udp_port: int, tcp_port: int, *, udp: bool = True) -> None:
        """Bind and read. Port 0 takes a free one; udp=False serves TCP only. Raises OSError if that is not possible."""
        attempts = 1 if tcp_port and (udp_port or not udp) else ATTEMPTS
        for attempt in range(1, attempts + 1):
            try:
                await self._bind(udp_port, tcp_port, udp=udp)
            except OSError:
                await self.close()
                if attempt == attempts:
                    raise
            else:
                break
        for socket in self.udp:
            socket.start()

    async def close(self) -> None:
        """Close every socket."""
        for socket in self.udp:
            socket.close()
        for listener in self.tcp:
            await listener.close()

    def candidates(self) -> list[str]:
        """The candidate lines of every description, best first."""
        lines = []
        for rank, (address, port) in enumerate(self._reachable(self.udp)):
            lines.append(f"candidate:{rank + 1} 1 udp {UDP_PRIORITY - 256 * rank} {address} {port} typ host")
        for rank, (address, port) in enumerate(self._reachable(self.tcp)):
            priority = TCP_PRIORITY - 256 * rank
            lines.append(f"candidate:{rank + 101} 1 tcp {priority} {address} {port} typ host tcptype passive")
        return lines

    def _reachable(self, sockets: list[UdpSocket] | list[TcpListener]) -> list[tuple[str, int]]:
        own = [(socket.address, socket.port) for socket in sockets]
        return [(address, own[0][1]) for address in self._announced if own] + own

    async def _bind(self, udp_port: int, tcp_port: int, *, udp: bool) -> None:
        """Each address with the numbers of the first."""
        self.udp, self.tcp = [], []
        for address in self._addresses:
            if udp:
                self.udp.append(UdpSocket(address, udp_port, self.agent, self._counters))
                udp_port = self.udp[0].port
            listener = TcpListener(address, self.agent, self._counters)
            await listener.start(tcp_port)
            self.tcp.append(listener)
            tcp_port = listener.port
