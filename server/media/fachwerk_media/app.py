# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The HTTP side: signalling, RoomService, health and metrics on one port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from fachwerk_media.signal.socket import Signalling
from fachwerk_media.twirp import RoomService

if TYPE_CHECKING:
    from starlette.requests import Request

    from fachwerk_media.node import Node


def application(node: Node) -> Starlette:
    """The ASGI application of a node. A reverse proxy need only pass on /rtc; the rest is for the house."""
    signalling, rooms = Signalling(node), RoomService(node)

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        return PlainTextResponse("draining\n", 503) if node.leaving else PlainTextResponse("ok\n")

    async def metrics(_: Request) -> Response:
        return Response(node.exposition.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return Starlette(
        routes=[
            WebSocketRoute("/rtc/v1", signalling.single),
            WebSocketRoute("/rtc", signalling.dual),
            Route("/rtc/v1/validate", signalling.validate),
            Route("/rtc/validate", signalling.validate),
            Route("/twirp/livekit.RoomService/{method}", rooms.call, methods=["POST"]),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
        ]
    )
