# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The commands of the frame itself: arrive, follow, stop following, prove to be alive."""

from typing import Annotated, Any

import msgspec

from fachwerk.kernel.wire import Frame

from .events import Answer, Hello, Pong, Subscribed
from .hub import Hub
from .places import open_to, places_of
from .settings import SyncSettings
from .socket import Socket

AudienceName = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,20}:[0-9a-f-]{36}$")]


class SayHello(Frame, tag="hello"):
    """The first frame. user_seq: the last number seen of one's own stream; for the client's bookkeeping."""

    user_seq: Annotated[int, msgspec.Meta(ge=0)] = 0


class Subscribe(Frame, tag="sub"):
    """Every event of `a` from now on, and first those after `after`."""

    a: AudienceName
    after: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Unsubscribe(Frame, tag="unsub"):
    """Only bumps of `a` from now on."""

    a: AudienceName


class Ping(Frame, tag="ping"):
    """Answered by a pong."""


async def say_hello(socket: Socket, frame: SayHello) -> Answer:  # noqa: ARG001 -- the shape of a command
    """Watch what the person belongs to, then read the state: nothing can fall between the two."""
    hub, context = socket.port(Hub), socket.context
    me = socket.actor.id
    user_seq, _ = await hub.follow(socket, f"user:{me}", None)
    await hub.watch(socket, open_to(socket, await places_of(socket)))
    state: dict[str, Any] = {}
    async with context.database.read() as work:
        for module in context.modules:
            if snapshot := module.snapshots.get("user"):
                state[module.name] = await snapshot.load(work, socket.actor, me)
    limit = socket.port(SyncSettings).frame_max_bytes
    return Hello(me=me, user_seq=user_seq, state=state, max_frame_bytes=limit)


async def subscribe(socket: Socket, frame: Subscribe) -> Answer:
    """Follow an audience of one's own. Raises NotFound for any other, StepUpNeeded for one that is shut."""
    seq, gap = await socket.port(Hub).follow(socket, frame.a, frame.after)
    return Subscribed(a=frame.a, seq=seq, gap=gap)


async def unsubscribe(socket: Socket, frame: Unsubscribe) -> None:
    """Stop following; unknown audiences are none of our business."""
    socket.port(Hub).unfollow(socket, frame.a)


async def ping(socket: Socket, frame: Ping) -> Answer:  # noqa: ARG001 -- the shape of a command
    """Say that the application, not only the connection, is alive."""
    return Pong()
