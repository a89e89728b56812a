# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Data channels over DTLS: chat, files and control messages of the client library.

Uses aiortc's SCTP; this module is what it believes to be a DTLS transport. Source: RFC 8261, RFC 8831, RFC 8832.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, cast

from fachwerk_media.associations import (
    RTCDataChannel,
    RTCDataChannelParameters,
    RTCSctpCapabilities,
    RTCSctpTransport,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiortc.rtcdtlstransport import RTCDtlsTransport

PORT = 5000
MESSAGE_LIMIT_BYTES = 65536
BACKLOG_LIMIT_BYTES = 1 << 20
"""Unsent bytes of one channel beyond which messages to it are dropped."""
INBOUND_LIMIT = 256
"""Packets waiting to be read; more are dropped and SCTP sends them again."""
RELIABLE, LOSSY = "_reliable", "_lossy"


class _Receiver(Protocol):
    async def _handle_data(self, data: bytes) -> None: ...


class DataChannels:
    """The SCTP association of one peer connection."""

    def __init__(
        self,
        send: Callable[[bytes], None],
        on_message: Callable[[str, bytes], None],
        on_failure: Callable[[BaseException], None],
        *,
        open_channels: bool,
    ) -> None:
        """send: one SCTP packet, raises ConnectionError at the end. on_message: (label, bytes).

        on_failure: the association broke on what the peer sent; it concerns this peer only.
        open_channels: we open the two channels of the subscriber side, else the client opens them.
        """
        self.state = "connected"  # read by aiortc, as are _role and the methods of its DTLS transport below
        self._role = "server"
        self._send = send
        self._on_message = on_message
        self._on_failure = on_failure
        self._open_channels = open_channels
        self._receiver: _Receiver | None = None
        self._channels: dict[str, RTCDataChannel] = {}
        self._inbound: asyncio.Queue[bytes] = asyncio.Queue(INBOUND_LIMIT)
        self._association = RTCSctpTransport(cast("RTCDtlsTransport", self), PORT)
        self._association.on("datachannel", self._add)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin the association; the DTLS handshake must be done."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="sctp")
        self._task.add_done_callback(self._ended)

    def receive(self, packet: bytes) -> None:
        """Take in one SCTP packet."""
        if not self._inbound.full():
            self._inbound.put_nowait(packet)

    def send(self, label: str, message: bytes) -> bool:
        """Send a message, False if the channel is closed or its backlog full."""
        channel = self._channels.get(label)
        if (
            channel is None
            or channel.readyState != "open"
            or channel.bufferedAmount + len(message) > BACKLOG_LIMIT_BYTES
        ):
            return False
        channel.send(message)
        return True

    def close(self) -> asyncio.Task[None]:
        """Take in and send nothing more; the task returned clears up the association."""
        self.state = "closed"
        if self._task is not None:
            self._task.cancel()
        return asyncio.get_running_loop().create_task(self._association.stop(), name="sctp stop")

    async def _run(self) -> None:
        await self._association.start(RTCSctpCapabilities(maxMessageSize=MESSAGE_LIMIT_BYTES), PORT)
        if self._open_channels:
            self._add(RTCDataChannel(self._association, RTCDataChannelParameters(label=RELIABLE)))
            lossy = RTCDataChannelParameters(label=LOSSY, ordered=False, maxRetransmits=0)
            self._add(RTCDataChannel(self._association, lossy))
        while True:
            packet = await self._inbound.get()
            if self._receiver is not None:
                await self._receiver._handle_data(packet)  # noqa: SLF001 - aiortc's interface to its transport

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and self.state != "closed":
            self._on_failure(error)

    def _add(self, channel: RTCDataChannel) -> None:
        self._channels[channel.label] = channel

        def received(message: bytes | str) -> None:
            if isinstance(message, bytes):
                self._on_message(channel.label, message)

        channel.on("message", received)

    async def _send_data(self, data: bytes) -> None:
        if self.state != "closed":
            self._send(data)

    def _register_data_receiver(self, receiver: _Receiver) -> None:
        self._receiver = receiver

    def _unregister_data_receiver(self, _: _Receiver) -> None:
        self._receiver = None
