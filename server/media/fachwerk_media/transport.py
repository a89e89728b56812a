# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One peer connection seen from our side: checked paths, DTLS, SRTP and data channels."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

import structlog
from pylibsrtp import Error as SrtpError
from pylibsrtp import Session

from fachwerk_media.dtls import Dtls, HandshakeFailedError, Identity
from fachwerk_media.net.ice import Agent, Credentials
from fachwerk_media.sctp import DataChannels
from fachwerk_media.srtp import PLAIN_LIMIT_BYTES, Outbound

if TYPE_CHECKING:
    from fachwerk_media.metrics import Counters
    from fachwerk_media.net.path import Path

PATHS_LIMIT = 16
"""Ways to one peer that are remembered; a new one beyond that pushes the oldest out."""
CONSENT_S = 30.0
"""Without a check for this long nothing is sent any more: RFC 7675 section 5.1."""
PACKET_LIMIT_BYTES = 1500
"""The SRTP library's own buffer; longer packets are dropped."""
log = structlog.get_logger()


class Owner(Protocol):
    """Who a transport's events go to."""

    def on_rtp(self, packet: bytes, now: float) -> None:
        """A decrypted RTP packet."""

    def on_rtcp(self, packet: bytes, now: float) -> None:
        """A decrypted RTCP packet."""

    def on_ready(self, transport: Transport) -> None:
        """The handshake is done and the fingerprint fits: media may flow."""

    def on_path(self, transport: Transport) -> None:
        """Packets go another way from now on, or nowhere."""

    def on_message(self, label: str, message: bytes) -> None:
        """A message on a data channel."""


class Transport:
    """One peer connection."""

    def __init__(
        self, agent: Agent, identity: Identity, counters: Counters, owner: Owner, *, open_channels: bool = False
    ) -> None:
        """open_channels: we open the data channels (subscriber side of two connections)."""
        self.credentials = Credentials()
        self.path: Path | None = None
        """Where to; None before the first check and after the last."""
        self.inbound: Session | None = None
        self.outbound: Outbound | None = None
        """SRTP; None until the peer is who its description says."""
        self.closed = False
        self._agent = agent
        self._counters = counters
        self._owner = owner
        self._open_channels = open_channels
        self._dtls = Dtls(identity, self._send_datagram)
        self._expected_fingerprint: str | None = None
        self._paths: dict[Path, None] = {}
        self._checked_at = 0.0
        self._channels: DataChannels | None = None
        self._channels_wanted = False
        self._closing: asyncio.Task[None] | None = None
        agent.transports[self.credentials.ufrag] = self

    @property
    def ready(self) -> bool:
        """Whether media can be sent."""
        return self.outbound is not None and self.path is not None

    def restart(self) -> None:
        """New ICE credentials; the DTLS association goes on. Source: RFC 8445 section 9."""
        self._agent.transports.pop(self.credentials.ufrag, None)
        self.credentials = Credentials()
        self._agent.transports[self.credentials.ufrag] = self

    def expect(self, fingerprint: str) -> None:
        """Tell the fingerprint from the peer's description. The handshake may have been faster than the description."""
        if self._expected_fingerprint is None:
            self._expected_fingerprint = fingerprint
            self._verify()

    def want_channels(self) -> None:
        """The descriptions have a section for data channels: start them as soon as possible."""
        self._channels_wanted = True
        if self.outbound is not None and self._channels is None and not self.closed:
            self._channels = DataChannels(
                self._dtls.send, self._owner.on_message, self._channels_failed, open_channels=self._open_channels
            )
            self._channels.start()

    def checked(self, path: Path, now: float, *, nominated: bool) -> None:
        """A valid check came in on `path`."""
        self._checked_at = now
        if path not in self._paths:
            self._paths[path] = None
            path.peers[path.address] = self
            if len(self._paths) > PATHS_LIMIT:
                self._forget(next(known for known in self._paths if known != self.path))
        if self.path is None or (nominated and path != self.path):
            self.path = path
            self._owner.on_path(self)

    def lost(self, path: Path) -> None:
        """A connection the peer was reached over has ended."""
        self._paths.pop(path, None)
        if self.path == path:
            self.path = None
            self._owner.on_path(self)

    def check_consent(self, now: float) -> None:
        """Stop sending to a peer that has sent no check for CONSENT_S."""
        if self.path is not None and now - self._checked_at > CONSENT_S:
            self.path = None
            self._owner.on_path(self)

    def on_srtp(self, datagram: bytes, now: float) -> None:
        """An encrypted RTP or RTCP packet from a checked path."""
        inbound = self.inbound
        if inbound is None or not 12 <= len(datagram) <= PACKET_LIMIT_BYTES:
            return
        if 191 < datagram[1] < 224:
            try:
                packet = inbound.unprotect_rtcp(datagram)
            except SrtpError:
                self._counters.unauthentic += 1
                return
            self._owner.on_rtcp(packet, now)
            return
        try:
            packet = inbound.unprotect(datagram)
        except SrtpError:
            self._counters.unauthentic += 1
            return
        self._counters.received += 1
        self._owner.on_rtp(packet, now)

    def on_dtls(self, datagram: bytes) -> None:
        """A DTLS datagram from a checked path."""
        if self.closed:
            return
        try:
            received = self._dtls.receive(datagram)
        except HandshakeFailedError as error:
            self._counters.handshakes_failed += 1
            log.warning("handshake failed", reason=str(error))
            self.close()
            return
        except EOFError:
            self.close()
            return
        if self.outbound is None:
            self._verify()
        elif self._channels is not None:
            for packet in received:
                self._channels.receive(packet)

    def send_rtcp(self, packet: bytes) -> None:
        """Send an RTCP packet if media can be sent."""
        if self.outbound is not None:
            self._send_datagram(self.outbound.protect_rtcp(packet))

    def send_rtp(self, packet: bytes) -> int:
        """Send one RTP packet outside the fan-out; returns the bytes sent."""
        if self.outbound is None or len(packet) > PLAIN_LIMIT_BYTES:
            return 0
        datagram = self.outbound.protect(packet)
        self._send_datagram(datagram)
        return len(datagram)

    def send_message(self, label: str, message: bytes) -> bool:
        """Send on a data channel, False if it was dropped."""
        return self._channels is not None and self._channels.send(label, message)

    def close(self) -> None:
        """Nothing is received or sent any more from this moment."""
        if self.closed:
            return
        if self._channels is not None:
            self._closing = self._channels.close()
        self._dtls.close()
        self.closed = True
        self.inbound = self.outbound = None
        self._agent.transports.pop(self.credentials.ufrag, None)
        for path in list(self._paths):
            self._forget(path)
        self.path = None
        self._owner.on_path(self)

    def _forget(self, path: Path) -> None:
        del self._paths[path]
        if path.peers.get(path.address) is self:
            del path.peers[path.address]

    def _send_datagram(self, datagram: bytes) -> None:
        path = self.path
        if path is None:
            return
        try:
            path.send(datagram, path.address)
        except OSError:
            self._counters.send_failed += 1

    def _verify(self) -> None:
        """Open the transport once the peer's certificate and its description agree."""
        shown, expected = self._dtls.peer_fingerprint, self._expected_fingerprint
        if shown is None or expected is None or self.closed:
            return
        if shown != expected:
            self._fail("the certificate is not the one of the description")
            return
        try:
            self.inbound, outbound = self._dtls.sessions()
        except HandshakeFailedError as error:
            self._fail(str(error))
            return
        self.outbound = Outbound(outbound)
        self._counters.handshakes += 1
        if self._channels_wanted:
            self.want_channels()
        self._owner.on_ready(self)

    def _fail(self, reason: str) -> None:
        self._counters.handshakes_failed += 1
        log.warning("handshake refused", reason=reason)
        self.close()

    def _channels_failed(self, error: BaseException) -> None:
        if not isinstance(error, ConnectionError):
            log.error("data channels failed", exc_info=error)
        self.close()
