# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The OpenID provider as a client sees it: where to send people, how to redeem a code, whom to believe.

What it says about itself and its keys is fetched when it is first needed, kept for a bounded time,
and its keys again as soon as one is unknown. So a provider that is down stops sign-ins, nothing else.
"""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlencode

import httpx2
import msgspec
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError  # type: ignore[import-untyped]
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from fachwerk.kernel.clock import Clock
from fachwerk.kernel.errors import Unavailable
from fachwerk.kernel.log import logger

from .settings import is_loopback_url
from .tokens import (
    SIGN_IN_MAX_AGE_S,
    Expected,
    IdToken,
    LogoutToken,
    UnknownKey,
    check_id_token,
    check_logout_token,
)

T = TypeVar("T")

KEEP_S = 3600.0
"""How long the provider's description and keys are used before they are read again."""
REFETCH_S = 5.0
"""Unknown keys make us read the key set again, and logins the description, but not more often than this."""
TIMEOUT_S = 5.0
"""For each step of a request to the provider."""
ANSWER_MAX_BYTES = 1 << 20
SCOPE = "openid profile email"

log = logger("identity")


class CodeRefused(Exception):
    """The provider does not give tokens for this code."""


class GrantEnded(Exception):
    """The provider does not stand by a sign-in any more: it ended, or the person may not come in (RFC 6749, 5.2)."""


class Metadata(msgspec.Struct, frozen=True):
    """What we need of the provider's description (OpenID Connect Discovery 1.0, section 3; RFC 9207, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    authorization_response_iss_parameter_supported: bool = False


class Tokens(msgspec.Struct, frozen=True):
    """The token endpoint's answer; the access token is not used. Neither is verified yet.

    id_token: every code gives one; a refresh token need not.
    """

    id_token: str | None = None
    refresh_token: str | None = None


class Provider:
    """One provider, used by all logins of this process.

    origin: our own, without a path. namespace: under which its people are kept; the issuer, unless the
    issuer's address may change while the people stay the same (the demo provider's does with its port).
    name: of a further one; "" for the house's own. acr: those that suffice, the weakest first; empty for any.
    """

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        origin: str,
        clock: Clock,
        acr: tuple[str, ...] = (),
        namespace: str | None = None,
        name: str = "",
    ) -> None:
        self.issuer, self.client_id, self.namespace = issuer, client_id, namespace or issuer
        self.name = name
        self.expected = Expected(issuer, client_id, acr)
        self._clock, self._acr, self._home = clock, acr, origin + "/"
        self._redirect_uri = origin + "/auth/callback" + (f"/{name}" if name else "")
        self._http = AsyncOAuth2Client(
            client_id,
            client_secret,
            scope=SCOPE,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
            follow_redirects=False,
            trust_env=not is_loopback_url(issuer),  # a proxy cannot reach our loopback
        )
        self._turn = asyncio.Lock()
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None

    @property
    def is_house(self) -> bool:
        """Whether this is the house's own."""
        return not self.name

    async def close(self) -> None:
        """Give back the connections."""
        await self._http.aclose()

    async def metadata(self, keep_s: float = KEEP_S) -> Metadata:
        """What the provider says about itself, read not longer ago than this. Raises Unavailable."""
        async with self._turn:
            now = self._clock.monotonic()
            if self._metadata is None or now - self._metadata[0] > keep_s:
                raw = await self._get(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
                found = _understood(lambda: msgspec.json.decode(raw, type=Metadata))
                if found.issuer != self.issuer:
                    log.error("the provider calls itself something else than the issuer of the settings")
                    raise _unavailable()
                self._metadata = now, found
            return self._metadata[1]

    async def authorization_url(
        self, *, state: str, nonce: str, verifier: str, acr: str | None = None, silent: bool = False
    ) -> str:
        """Where to send the browser (RFC 6749, section 4.1.1, with PKCE S256). Raises Unavailable.

        max_age makes the provider send auth_time; who signed in there less than a day ago need not do it again.
        acr: how strong it shall be. silent: whoever would have to is sent back with an error (OpenID Connect
        Core 1.0, section 3.1.2.1).
        Nobody is sent to a provider that has not answered a moment ago.
        """
        endpoint = (await self.metadata(REFETCH_S)).authorization_endpoint
        wishes = {"max_age": str(SIGN_IN_MAX_AGE_S)}
        if wanted := acr or next(iter(self._acr), None):
            wishes["acr_values"] = wanted
        wishes |= {"prompt": "none"} if silent else {}
        url, _ = self._http.create_authorization_url(endpoint, state, verifier, nonce=nonce, **wishes)
        return str(url)

    async def end_session_url(self, id_token: str | None) -> str | None:
        """Where the browser ends the provider's own session, and comes back from. Raises Unavailable."""
        endpoint = (await self.metadata()).end_session_endpoint
        if endpoint is None:
            return None
        query = {"client_id": self.client_id, "post_logout_redirect_uri": self._home}
        if id_token:
            query["id_token_hint"] = id_token
        return endpoint + ("&" if "?" in endpoint else "?") + urlencode(query)

    async def end_session(self, id_token: str) -> None:
        """End the provider's session that this token was given in, without a browser. Raises Unavailable.

        RP-Initiated Logout 1.0, section 2: by POST, so that the token is in no log of addresses.
        """
        endpoint = (await self.metadata()).end_session_endpoint
        if endpoint is None:
            return
        form = {"client_id": self.client_id, "id_token_hint": id_token}
        try:
            answer = await self._http.request("POST", endpoint, data=form, withhold_token=True)
        except httpx2.HTTPError as error:
            log.warning("the sign-in service does not answer", error=type(error).__name__)
            raise _unavailable() from error
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _unavailable()
        if answer.is_client_error:  # its own session is over already, or it never had one by this token
            log.info("the provider knows no such session", status=answer.status_code)

    async def redeem(self, code: str, verifier: str) -> Tokens:
        """A code for tokens. Raises CodeRefused or Unavailable."""
        endpoint = (await self.metadata()).token_endpoint
        try:
            return await self._tokens(
                self._http.fetch_token(endpoint, code=code, code_verifier=verifier, grant_type="authorization_code")
            )
        except OAuthError as error:
            raise CodeRefused(error.error) from error

    async def refresh(self, refresh_token: str) -> Tokens:
        """Ask whether a sign-in still holds (RFC 6749, section 6). Raises GrantEnded or Unavailable.

        Of all refusals, only `invalid_grant` speaks of the sign-in. The others speak of us, and nobody is thrown
        out because our secret is wrong.
        """
        endpoint = (await self.metadata()).token_endpoint
        try:
            return await self._tokens(self._http.refresh_token(endpoint, refresh_token=refresh_token))
        except OAuthError as error:
            if error.error == "invalid_grant":
                raise GrantEnded from error
            log.error("the sign-in service refuses us", error=error.error)
            raise _unavailable() from error

    async def id_token(self, raw: str, nonce: str | None) -> IdToken:
        """Believe an ID token or raise TokenRefused; Unavailable while the keys cannot be had.

        nonce: None for one that came with a refresh, which has none (OpenID Connect Core 1.0, section 12.2).
        """
        now_s = self._clock.now_ms() // 1000
        return await self._believe(lambda keys: check_id_token(raw, keys, self.expected, nonce=nonce, now_s=now_s))

    async def logout_token(self, raw: str) -> LogoutToken:
        """Believe a logout token; raises as `id_token`."""
        now_s = self._clock.now_ms() // 1000
        return await self._believe(lambda keys: check_logout_token(raw, keys, self.expected, now_s=now_s))

    async def _tokens(self, asked: Awaitable[dict[str, object]]) -> Tokens:
        try:
            answer = await asked
        except (httpx2.HTTPError, ValueError) as error:
            log.warning("token endpoint failed", error=type(error).__name__)
            raise _unavailable() from error
        return _understood(lambda: msgspec.convert(dict(answer), Tokens))

    async def _believe(self, check: Callable[[KeySet], T]) -> T:
        try:
            return check(await self._key_set(KEEP_S))
        except UnknownKey:
            return check(await self._key_set(REFETCH_S))

    async def _key_set(self, keep_s: float) -> KeySet:
        uri = (await self.metadata()).jwks_uri
        async with self._turn:
            now = self._clock.monotonic()
            if self._keys is None or now - self._keys[0] > keep_s:
                raw = await self._get(uri)
                self._keys = now, _understood(lambda: KeySet.import_key_set(msgspec.json.decode(raw)))
            return self._keys[1]

    async def _get(self, url: str) -> bytes:
        try:
            async with self._http.stream("GET", url, withhold_token=True) as response:
                response.raise_for_status()
                parts, size = [], 0
                async for part in response.aiter_bytes():
                    size += len(part)
                    if size > ANSWER_MAX_BYTES:
                        break
                    parts.append(part)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            log.warning("the sign-in service does not answer", error=type(error).__name__)
            raise _unavailable() from error
        return b"".join(parts)


def _understood(read: Callable[[], T]) -> T:
    """What the provider sent, or Unavailable if it makes no sense."""
    try:
        return read()
    except (msgspec.MsgspecError, JoseError, KeyError, TypeError, ValueError) as error:
        log.warning("the sign-in service answers what we do not understand", error=type(error).__name__)
        raise _unavailable() from error


def _unavailable() -> Unavailable:
    return Unavailable("The sign-in service does not answer just now. Please try again in a moment.")
