# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A provider that says what it must not."""

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from fachwerk.adapters.idp_demo import WEAKEST, DemoPerson, DemoProvider


@dataclass
class LyingProvider(DemoProvider):
    """lies: claims to replace (None takes one away). forge: makes another token of the true one."""

    lies: dict[str, object] = field(default_factory=dict)
    forge: Callable[[str], str] = str
    metadata_lies: dict[str, object] = field(default_factory=dict)
    broken: bool = False

    def claims(self, person: DemoPerson, nonce: str | None, acr: str = WEAKEST) -> dict[str, object]:
        claims = {**super().claims(person, nonce, acr), **self.lies}
        return {name: value for name, value in claims.items() if value is not None}

    def sign(self, claims: dict[str, object]) -> str:
        return self.forge(super().sign(claims))

    async def describe(self, request: Request) -> Response:
        response = await super().describe(request)
        if not self.metadata_lies:
            return response
        assert isinstance(response, JSONResponse)
        return JSONResponse({"issuer": self.issuer, **self._endpoints(), **self.metadata_lies})

    async def token(self, request: Request) -> Response:
        return Response("kaputt", 502) if self.broken else await super().token(request)

    def _endpoints(self) -> dict[str, str]:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        return {name: f"{self.issuer}/{path}" for name, path in names.items()}
