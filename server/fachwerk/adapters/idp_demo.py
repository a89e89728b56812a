# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""An OpenID provider for demonstration and development, on this machine only.

It takes the place of the ministry's Keycloak so that the whole way of signing in is the real one: the
server reaches it over HTTP like any provider (OpenID Connect Core 1.0, code flow, PKCE of RFC 7636).
"""

import base64
import binascii
import hashlib
import hmac
import ipaddress
import secrets
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from fachwerk.kernel.clock import Clock

from .idp_demo_page import HEADERS, STYLE, login_page, message_page

V = TypeVar("V")

PATH = "/demo-idp"
CSRF_COOKIE = "__Host-demo-idp"
CODE_S = 60
TOKEN_S = 300
WEAKEST = "demo"
"""The acr of a sign-in for which no other was wished."""
KEPT = 1_000
"""Codes and tokens remembered; the oldest goes first."""
TRIES, TRIES_S = 10, 60.0
"""Wrong passwords taken in this many seconds; then nobody can sign in until the oldest is that old."""
FORM_MAX_BYTES = 16_384
NOT_KEPT = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who can sign in. line: shown beside the name. groups: as Keycloak would send them; None: not at all."""

    subject: str
    name: str
    line: str = ""
    email: str | None = None
    groups: Sequence[str] | None = ()
    roles: Sequence[str] = ()


class _Code(NamedTuple):
    until: float
    person: DemoPerson
    redirect_uri: str
    challenge: str
    nonce: str | None
    acr: str


class _Token(NamedTuple):
    until: float
    person: DemoPerson


class _Forgetful(OrderedDict[str, V]):
    """Keeps the newest `KEPT` entries."""

    def keep(self, key: str, value: V) -> None:
        self[key] = value
        while len(self) > KEPT:
            self.popitem(last=False)


@dataclass
class DemoProvider:
    """The provider. Raises SystemExit unless both our address and the bound one are of this machine alone.

    origin: of the server that it is mounted in. password: one for all, made anew for each installation.
    key: signs the ID tokens; a new one for each start unless given.
    """

    origin: str
    bind_host: str
    client_id: str
    client_secret: str
    password: str
    people: Sequence[DemoPerson]
    clock: Clock
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"use": "sig"}, auto_kid=True))

    def __post_init__(self) -> None:
        for host in (self.bind_host, urlsplit(self.origin).hostname or ""):
            if not _is_loopback(host):
                raise SystemExit(
                    f"the demo sign-in is for this machine only, not for {host!r}: "
                    "use a loopback address, or set FACHWERK_IDENTITY__PROVIDER=oidc and its issuer"
                )
        if not self.password or not self.client_secret:
            raise SystemExit("the demo sign-in needs a password and a client secret")
        self.issuer = self.origin + PATH
        self._redirect_uri = self.origin + "/auth/callback"
        self._home = self.origin + "/"
        self._people = {person.subject: person for person in self.people}
        self._codes: _Forgetful[_Code] = _Forgetful()
        self._tokens: _Forgetful[_Token] = _Forgetful()
        self._wrong: deque[float] = deque()

    def routes(self) -> list[BaseRoute]:
        """To be mounted by the server."""
        return [
            Mount(
                PATH,
                routes=[
                    Route("/.well-known/openid-configuration", self.describe),
                    Route("/jwks", self.keys),
                    Route("/authorize", self.authorize, methods=["GET", "POST"]),
                    Route("/token", self.token, methods=["POST"]),
                    Route("/userinfo", self.userinfo),
                    Route("/logout", self.logout, methods=["GET", "POST"]),
                    Route("/style.css", self.style),
                ],
            )
        ]

    # ---- what it says about itself

    async def describe(self, _request: Request) -> Response:
        """OpenID Connect Discovery 1.0, section 3."""
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": self.issuer + "/authorize",
                "token_endpoint": self.issuer + "/token",
                "userinfo_endpoint": self.issuer + "/userinfo",
                "jwks_uri": self.issuer + "/jwks",
                "end_session_endpoint": self.issuer + "/logout",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def keys(self, _request: Request) -> Response:
        """The public half of the signing key."""
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def style(self, _request: Request) -> Response:
        """The style sheet of the pages."""
        return Response(STYLE, headers={"X-Content-Type-Options": "nosniff"}, media_type="text/css")

    # ---- the person's side

    async def authorize(self, request: Request) -> Response:
        """Show the form, or take it. A request of an unknown client never leads back to it."""
        query = request.query_params
        if query.get("client_id") != self.client_id or query.get("redirect_uri") != self._redirect_uri:
            text = "Diese Anwendung ist hier nicht bekannt."
            return message_page(PATH, "Anmeldung nicht möglich", text, 400)
        if error := _unsupported(query):
            return self._back(query, {"error": error})
        if request.method == "POST":
            return await self._submitted(request, query)
        return self._form(request, query.get("login_hint", ""))

    async def _submitted(self, request: Request, query: QueryParams) -> Response:
        form = await _form_of(request)
        csrf = request.cookies.get(CSRF_COOKIE, "")
        if not csrf or not _same(csrf, form.get("csrf", "")):
            text = "Das Formular ist abgelaufen. Bitte noch einmal anmelden."
            return self._form(request, form.get("person", ""), text, 403)
        now = self.clock.monotonic()
        while self._wrong and now - self._wrong[0] >= TRIES_S:
            self._wrong.popleft()
        if len(self._wrong) >= TRIES:
            return self._form(request, form.get("person", ""), "Zu viele Versuche. Bitte eine Minute warten.", 429)
        person = self._people.get(form.get("person", ""))
        if not _same(form.get("password", ""), self.password) or person is None:
            self._wrong.append(now)
            return self._form(request, form.get("person", ""), "Person oder Kennwort stimmt nicht.", 401)
        code = secrets.token_urlsafe(32)
        granted = _Code(
            now + CODE_S,
            person,
            self._redirect_uri,
            query["code_challenge"],
            query.get("nonce"),
            query.get("acr_values", "").partition(" ")[0] or WEAKEST,
        )
        self._codes.keep(_hash(code), granted)
        return self._back(query, {"code": code})

    def _form(self, request: Request, chosen: str, error: str = "", status: int = 200) -> Response:
        csrf = secrets.token_urlsafe(32)
        shown = [(p.subject, p.name, p.line) for p in self.people]
        action = f"{PATH}/authorize?{request.url.query}"
        page = login_page(PATH, action, shown, csrf, chosen=chosen, error=error, status=status)
        page.headers["Set-Cookie"] = f"{CSRF_COOKIE}={csrf}; Path=/; Secure; HttpOnly; SameSite=Strict"
        if status == 429:  # noqa: PLR2004 -- Too Many Requests
            page.headers["Retry-After"] = str(int(TRIES_S))
        return page

    def _back(self, query: QueryParams, answer: Mapping[str, str]) -> Response:
        """Back to the client (RFC 6749, section 4.1.2), saying who answers (RFC 9207)."""
        state = {"state": query["state"]} if "state" in query else {}
        location = self._redirect_uri + "?" + urlencode({**answer, **state, "iss": self.issuer})
        return RedirectResponse(location, 303, HEADERS)

    async def logout(self, request: Request) -> Response:
        """Nothing to end here, since no session is kept; only back to where the person came from."""
        if request.query_params.get("post_logout_redirect_uri") == self._home:
            return RedirectResponse(self._home, 303, NOT_KEPT)
        return message_page(PATH, "Abgemeldet", "Sie sind abgemeldet. Dieses Fenster kann geschlossen werden.")

    # ---- the server's side

    async def token(self, request: Request) -> Response:
        """A code for an ID token (RFC 6749, section 4.1.3); each code once, and only with its verifier."""
        form = await _form_of(request)
        if not self._is_client(request, form):
            return JSONResponse({"error": "invalid_client"}, 401, {**NOT_KEPT, "WWW-Authenticate": "Basic"})
        if form.get("grant_type") != "authorization_code":
            return JSONResponse({"error": "unsupported_grant_type"}, 400, NOT_KEPT)
        granted = self._codes.pop(_hash(form.get("code", "")), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            granted is None
            or granted.until <= self.clock.monotonic()
            or granted.redirect_uri != form.get("redirect_uri")
            or not _same(granted.challenge, challenge)
        ):
            return JSONResponse({"error": "invalid_grant"}, 400, NOT_KEPT)
        access_token = secrets.token_urlsafe(32)
        self._tokens.keep(_hash(access_token), _Token(self.clock.monotonic() + TOKEN_S, granted.person))
        answer = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": TOKEN_S,
            "id_token": self.sign(self.claims(granted.person, granted.nonce, granted.acr)),
        }
        return JSONResponse(answer, headers=NOT_KEPT)

    def claims(self, person: DemoPerson, nonce: str | None, acr: str = WEAKEST) -> dict[str, object]:
        """What an ID token says (OpenID Connect Core 1.0, section 2). Any strength that is wished for is believed."""
        now_s = self.clock.now_ms() // 1000
        return {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": now_s,
            "exp": now_s + TOKEN_S,
            "auth_time": now_s,
            "acr": acr,
            "sid": secrets.token_urlsafe(16),
            **_claims(person),
            **({"nonce": nonce} if nonce is not None else {}),
        }

    def sign(self, claims: dict[str, object]) -> str:
        """A token of these claims."""
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key)

    async def userinfo(self, request: Request) -> Response:
        """Claims about the bearer (OpenID Connect Core 1.0, section 5.3)."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        token = self._tokens.get(_hash(value))
        if scheme.lower() != "bearer" or token is None or token.until <= self.clock.monotonic():
            refused = {**NOT_KEPT, "WWW-Authenticate": 'Bearer error="invalid_token"'}
            return JSONResponse({"error": "invalid_token"}, 401, refused)
        return JSONResponse(_claims(token.person), headers=NOT_KEPT)

    def _is_client(self, request: Request, form: Mapping[str, str]) -> bool:
        """Whether our client asks: by the Basic scheme (RFC 6749, section 2.3.1) or in the body."""
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                sent_id, _, sent_secret = base64.b64decode(value, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return False
            client_id, secret = unquote_plus(sent_id), unquote_plus(sent_secret)
        return _same(client_id, self.client_id) & _same(secret, self.client_secret)


def _claims(person: DemoPerson) -> dict[str, object]:
    email = {"email": person.email, "email_verified": True} if person.email else {}
    lists = {"roles": list(person.roles)} | ({} if person.groups is None else {"groups": list(person.groups)})
    return {"sub": person.subject, "name": person.name, "preferred_username": person.subject, **email, **lists}


def _unsupported(query: QueryParams) -> str:
    """The error code for what this provider does not do, or "" (RFC 6749, section 4.1.2.1)."""
    if query.get("response_type") != "code":
        return "unsupported_response_type"
    if query.get("code_challenge_method") != "S256" or not query.get("code_challenge"):
        return "invalid_request"
    if "openid" not in query.get("scope", "").split():
        return "invalid_scope"
    return "login_required" if query.get("prompt") == "none" else ""


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _same(one: str, other: str) -> bool:
    """Equal, in a time that does not tell how far."""
    return hmac.compare_digest(_hash(one), _hash(other))


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


async def _form_of(request: Request) -> dict[str, str]:
    """The fields of a posted form; none of one that is too long or no text."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > FORM_MAX_BYTES:
            return {}
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    except ValueError:
        return {}
