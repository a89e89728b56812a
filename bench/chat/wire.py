# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The client's side of a WebSocket, as cheap as the load needs it (RFC 6455)."""

import socket
import struct

TEXT, PING, PONG, CLOSE = 0x1, 0x9, 0xA, 0x8
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
"""Any 16 bytes will do (section 4.1)."""
TIMEOUT_S = 60.0


def connect(address: tuple[str, int], source: str) -> socket.socket:
    """A TCP connection that goes away without TIME_WAIT. source: the loopback address it comes from."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_IP, socket.IP_BIND_ADDRESS_NO_PORT, 1)
    connection.settimeout(TIMEOUT_S)
    connection.bind((source, 0))
    connection.connect(address)
    return connection


def handshake(path: str, headers: dict[str, str]) -> bytes:
    """The opening request (section 4.1)."""
    every = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": KEY,
        "Sec-WebSocket-Version": "13",
        **headers,
    }
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in every.items()), "", ""]
    return "\r\n".join(lines).encode()


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A final frame, masked by zeros: what the mask hides is hidden from proxies that are not here (section 5.3)."""
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | opcode, 0x80 | size))
    elif size < 1 << 16:
        head = bytes((0x80 | opcode, 0x80 | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0x80 | 127)) + size.to_bytes(8, "big")
    return head + b"\0\0\0\0" + payload


def frames(received: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """((opcode, payload) of each whole frame, the rest). Servers neither mask nor, here, fragment."""
    found: list[tuple[int, bytes]] = []
    at, end = 0, len(received)
    while end - at >= 2:
        size, body = received[at + 1], at + 2
        if size == 126:
            size, body = int.from_bytes(received[at + 2 : at + 4], "big"), at + 4
        elif size == 127:
            size, body = int.from_bytes(received[at + 2 : at + 10], "big"), at + 10
        if body > end or body + size > end:
            break
        found.append((received[at] & 0x0F, received[body : body + size]))
        at = body + size
    return found, received[at:]
