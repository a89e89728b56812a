# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A provider with refresh tokens, each good for one use; and one that is not the house's own."""

import base64
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from fachwerk.adapters.idp_demo import WEAKEST, DemoPerson
from fachwerk.core.identity import Provider
from fachwerk.kernel.clock import SystemClock
from tests.core.identity.door import PASSWORD, served
from tests.core.identity.lying import LyingProvider


@dataclass
class RefreshingProvider(LyingProvider):
    """living: whose refresh tokens count, by token. used: how often each was sent. ended: who may not come in."""

    living: dict[str, DemoPerson] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    last: DemoPerson | None = None
    error: str = ""

    def claims(self, person: DemoPerson, nonce: str | None, acr: str = WEAKEST) -> dict[str, object]:
        self.last = person
        return super().claims(person, nonce, acr)

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if form.get("grant_type") == "refresh_token":
            return Response("kaputt", 502) if self.broken else self._refreshed(request, form["refresh_token"])
        response = await super().token(request)
        if response.status_code != 200 or self.last is None:
            return response
        return JSONResponse({**msgspec.json.decode(response.body), "refresh_token": self._new(self.last)})

    def _new(self, person: DemoPerson) -> str:
        token = secrets.token_urlsafe(32)
        self.living[token] = person
        return token

    def _refreshed(self, request: Request, token: str) -> Response:
        self.used.append(token)
        person = self.living.pop(token, None)
        _, _, credentials = request.headers["authorization"].partition(" ")
        assert base64.b64decode(credentials).decode() == f"{self.client_id}:{self.client_secret}"
        if self.error:
            return JSONResponse({"error": self.error}, 400)
        if person is None or person.subject in self.ended:
            return JSONResponse({"error": "invalid_grant", "error_description": "User disabled"}, 400)
        return JSONResponse(
            {
                "access_token": "x",
                "token_type": "Bearer",
                "id_token": self.sign(self.claims(person, None)),
                "refresh_token": self._new(person),
            }
        )


SECRET = "ein-geheimnis-der-nachbarn"
NAME = "nachbarn"


@dataclass
class OtherHouse(RefreshingProvider):
    """Another house's provider, which sends people back to an address of its own here."""

    def client(self, origin: str, clock: SystemClock) -> dict[str, Provider]:
        """What our server at this origin knows of it."""
        self.clock, self._redirect_uri = clock, f"{origin}/auth/callback/{NAME}"
        return {
            NAME: Provider(
                issuer=self.issuer,
                client_id=self.client_id,
                client_secret=self.client_secret,
                origin=origin,
                clock=clock,
                name=NAME,
            )
        }


@asynccontextmanager
async def other_house(*people: DemoPerson) -> AsyncIterator[OtherHouse]:
    """Serve one until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        other = OtherHouse(origin, "127.0.0.1", "fachwerk", SECRET, PASSWORD, people, SystemClock())
        async with served(Starlette(routes=other.routes()), listening):
            yield other
