# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The client's end of one peer connection: a UDP socket, ICE checks, DTLS, SRTP. Tests use it too."""

import asyncio
import re
import secrets
import socket
import time
from collections.abc import Callable

from aioice import stun
from pylibsrtp import Error as SrtpError
from pylibsrtp import Session

from fachwerk_media.dtls import Dtls, Identity

IDENTITY = Identity()
"""One certificate for all clients of this process."""
CANDIDATE = re.compile(r"(?:a=)?candidate:\S+ 1 udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) typ host", re.IGNORECASE)
PRIORITY = 1853824767
TIE_BREAKER = 77


class Peer:
    """One connection to the server, over loopback."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind(("127.0.0.1", 0))
        self.ufrag, self.password = secrets.token_hex(4), secrets.token_hex(12)
        self.up = asyncio.Event()
        self.on_packet: Callable[[bytes], None] | None = None
        """Takes each decrypted RTP packet; without it they are only counted."""
        self.received = 0
        self.ended = False
        """The server has closed the connection."""
        self.inbound: Session | None = None
        self.outbound: Session | None = None
        self._dtls: Dtls | None = None
        self._is_client = True
        self._remote: tuple[str, int] | None = None
        self._remote_ufrag, self._remote_key = "", b""
        self._nominated = False
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.socket.fileno(), self._readable)
        self._ticker = self._loop.create_task(self._tick())

    def answered(self, description: str) -> None:
        """Take the server's description: credentials, candidates, who begins the handshake."""
        found = dict(re.findall(r"^a=(ice-ufrag|ice-pwd|setup):(\S+)", description, re.MULTILINE))
        self._remote_ufrag, self._remote_key = found["ice-ufrag"], found["ice-pwd"].encode()
        if self._dtls is None:
            self._is_client = found.get("setup") != "active"
            self._dtls = Dtls(IDENTITY, self.send, client=self._is_client)
        for line in description.splitlines():
            self.candidate(line)

    def candidate(self, line: str) -> None:
        """Take a candidate if it is the loopback one."""
        match = CANDIDATE.match(line)
        if match is not None and match[1].startswith("127.") and self._remote is None:
            self._remote = (match[1], int(match[2]))

    def lines(self, setup: str) -> list[str]:
        """Our part of a description."""
        return [
            f"a=ice-ufrag:{self.ufrag}",
            f"a=ice-pwd:{self.password}",
            f"a=fingerprint:sha-256 {IDENTITY.fingerprint}",
            f"a=setup:{setup}",
        ]

    def send(self, datagram: bytes) -> None:
        """Send one datagram if the server's address is known."""
        if self._remote is not None:
            self.socket.sendto(datagram, self._remote)

    def stop_reading(self) -> None:
        """Leave the socket to somebody else."""
        self._loop.remove_reader(self.socket.fileno())

    def close(self) -> None:
        """Stop everything."""
        self._ticker.cancel()
        if self._dtls is not None:
            self._dtls.close()
        self._loop.remove_reader(self.socket.fileno())
        self.socket.close()

    async def _tick(self) -> None:
        """Checks: ten a second until nominated, then one every two seconds."""
        while True:
            if self._remote is not None and self._remote_ufrag:
                self._check()
            await asyncio.sleep(2.0 if self._nominated else 0.1)

    def _check(self) -> None:
        attributes = {
            "USERNAME": f"{self._remote_ufrag}:{self.ufrag}",
            "PRIORITY": PRIORITY,
            "ICE-CONTROLLING": TIE_BREAKER,
            "USE-CANDIDATE": None,
        }
        check = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes=attributes)
        check.add_message_integrity(self._remote_key)
        self.send(bytes(check))

    def _readable(self) -> None:
        for _ in range(64):
            try:
                datagram, address = self.socket.recvfrom(2048)
            except (BlockingIOError, ConnectionRefusedError):
                return
            if datagram[0] < 4:
                self._stun(datagram, address)
            elif datagram[0] > 127:
                self._media(datagram)
            elif self._dtls is not None:
                self._handshake(self._dtls, datagram)

    def _stun(self, datagram: bytes, address: tuple[str, int]) -> None:
        message = stun.parse_message(datagram)
        if message.message_class == stun.Class.REQUEST:
            answer = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, message.transaction_id)
            answer.attributes["XOR-MAPPED-ADDRESS"] = address
            answer.add_message_integrity(self.password.encode())
            self.socket.sendto(bytes(answer), address)
        elif message.message_class == stun.Class.RESPONSE and not self._nominated:
            self._nominated = True
            if self._is_client and self._dtls is not None:
                self._dtls.begin()

    def _media(self, datagram: bytes) -> None:
        if self.inbound is None or 191 < datagram[1] < 224:
            return
        self.received += 1
        if self.on_packet is not None:
            try:
                packet = self.inbound.unprotect(datagram)
            except SrtpError:
                return  # sent before a change of address, twice
            self.on_packet(packet)

    def _handshake(self, dtls: Dtls, datagram: bytes) -> None:
        try:
            dtls.receive(datagram)
        except EOFError:
            self.ended = True
            return
        if dtls.peer_fingerprint is not None and self.outbound is None:
            self.inbound, self.outbound = dtls.sessions()
            self.up.set()


def now_ns() -> int:
    """Monotonic, the same in all processes of this machine."""
    return time.monotonic_ns()
