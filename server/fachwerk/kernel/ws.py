# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Frames out to many sockets at the price of one.

The handshake, control frames and everything that comes in are the kept library's business (uvicorn's
sans-I/O protocol over `websockets`). Going out, a text frame is built once and its bytes are written
straight to each transport: no task, queue or codec per socket.
"""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from .metrics import SOCKETS_CLOSED

HIGH_WATER_BYTES = 1 << 20
"""More than this waiting for one socket closes it; the client resumes by sequence."""
LOW_WATER_BYTES = 1 << 16
EXTENSION = "fachwerk.transport"


def text_frame(payload: bytes) -> bytes:
    """An unmasked, final text frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:  # noqa: PLR2004 -- lengths of the RFC
        return bytes((0x81, size)) + payload
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


class Transport(WebSocketsSansIOProtocol):
    """uvicorn's protocol, showing the application a way to write ready frames.

    The application finds this object in `scope["extensions"]["fachwerk.transport"]`.
    """

    def handle_connect(self, event: Any) -> None:
        """Put ourselves into the scope before the application sees it."""
        self.transport.set_write_buffer_limits(high=HIGH_WATER_BYTES, low=LOW_WATER_BYTES)
        super().handle_connect(event)
        if self.handshake_initiated and not self.close_sent:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = self

    def write(self, frames: bytes) -> None:
        """Write ready frames after the handshake, or nothing when the socket is on its way out."""
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(frames)

    def write_whole(self, frames: bytes) -> None:
        """Write what the client itself has just asked for, however long it is: it waits for nothing else."""
        if self.transport.is_closing():  # whoever asked has left before the answer
            return
        self.transport.set_write_buffer_limits(high=HIGH_WATER_BYTES + len(frames), low=LOW_WATER_BYTES)
        self.write(frames)

    def end(self, code: int, reason: str) -> None:
        """Begin the closing handshake from outside the application's own task."""
        if self.handshake_complete and not self.close_sent and not self.transport.is_closing():
            task = self.loop.create_task(self.send({"type": "websocket.close", "code": code, "reason": reason}))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def pause_writing(self) -> None:
        """The client is too slow: drop it instead of keeping more for it."""
        super().pause_writing()
        SOCKETS_CLOSED.labels("too slow").inc()
        self.transport.abort()
