# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One media process: its sockets, its rooms and what they share."""

from __future__ import annotations

import asyncio
import time

import structlog

from fachwerk_media.denials import Denials
from fachwerk_media.dtls import Identity
from fachwerk_media.metrics import Counters, Exposition
from fachwerk_media.net import addresses
from fachwerk_media.net.mux import Mux
from fachwerk_media.rooms.registry import Registry
from fachwerk_media.settings import Settings
from fachwerk_media.tokens import Tokens
from fachwerk_media.webhook import Webhook

LOOK_S = 0.1
"""How often a process that wants to end looks whether its rooms are empty."""

log = structlog.get_logger()


class Node:
    """All of it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.counters = Counters()
        self.identity = Identity()
        self.tokens = Tokens(settings)
        self.denials = Denials(settings.token_lifetime_max_s, time.time)
        self.webhook = Webhook(settings.webhook_url, self.tokens, self.counters)
        self.registry = Registry(self)
        self.exposition = Exposition(self.counters, self._gauges)
        self.leaving = False
        """Told to end: rooms that are open go on, no new one begins."""
        self.draining = False
        """Shutting down: nobody joins any more."""
        self.sessions: set[asyncio.Task[None]] = set()
        """One per open signalling socket."""
        bound = addresses.to_bind(settings.addresses)
        self.mux = Mux(bound, self.counters, announced=settings.announced)
        if bound == [addresses.LOOPBACK] and not settings.announced:
            log.warning("no address but loopback: only browsers on this machine, and not Firefox, will connect")

    async def start(self) -> None:
        """Open the media ports. Raises OSError if one is taken."""
        await self.mux.open(self.settings.udp_port, self.settings.tcp_port, udp=self.settings.udp)
        self.webhook.start()

    async def leave(self) -> None:
        """Open no room any more and wait until the last one is empty, at most `leave_s`."""
        self.leaving = True
        loop = asyncio.get_running_loop()
        until = loop.time() + self.settings.leave_s
        while any(r.participants for r in self.registry.rooms.values()) and loop.time() < until:  # noqa: ASYNC110 -- rooms tell nobody
            await asyncio.sleep(LOOK_S)

    async def drain(self) -> None:
        """Send everybody away, tell the server, close the ports."""
        self.leaving = self.draining = True
        self.registry.close()
        if self.sessions:
            await asyncio.wait(self.sessions, timeout=self.settings.drain_s)
        await self.webhook.close(self.settings.drain_s)
        await self.mux.close()

    def _gauges(self) -> dict[str, tuple[str, float]]:
        rooms = self.registry.rooms.values()
        participants = [participant for room in rooms for participant in room.participants.values()]
        return {
            "rooms": ("Rooms open now", len(rooms)),
            "participants": ("Participants now", len(participants)),
            "tracks_published": ("Tracks published now", sum(len(p.tracks) for p in participants)),
            "tracks_subscribed": ("Subscriptions now", sum(len(p.downlink.tracks) for p in participants)),
            "sessions": ("Signalling connections open now", len(self.sessions)),
            "draining": ("1 from SIGTERM on", float(self.leaving)),
        }
