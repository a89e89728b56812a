# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Signing in through a provider and out again.

No request to the provider is made inside a transaction: it may be slow, and a writer holds others up.
"""

from urllib.parse import parse_qsl, urlsplit

from prometheus_client import Counter
from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from fachwerk.kernel.errors import BadRequest, FieldError, Invalid, Problem, Unavailable
from fachwerk.kernel.http import Call, read_body
from fachwerk.kernel.log import logger
from fachwerk.kernel.operation import PUBLIC, SESSION, Handler, Operation, route
from fachwerk.kernel.wire import Wire

from . import arrivals, logins, service
from .agents import agent_of
from .model import LoginState, Session
from .provider import REFETCH_S, CodeRefused, Provider, Tokens
from .providers import Providers
from .service import COOKIE, COOKIE_RULES, TOKEN_MAX_CHARS, cookie_header
from .settings import IdentitySettings
from .tokens import LOGOUT_TOKEN_AGE_S, IdToken, TokenRefused

LOGIN_COOKIE = "__Host-fachwerk-login"
HOUR_S = 3600
NOT_KEPT = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
CODE_MAX_CHARS = 4096
SIGN_IN_NEEDED = {"login_required", "interaction_required", "consent_required", "account_selection_required"}
"""What the provider answers to a silent login of somebody who is not signed in there (section 3.1.2.6)."""
LOGINS = Counter("fachwerk_logins", "Logins that came back from the provider", ["outcome"])

log = logger("identity")


class LoginRefused(Exception):
    """This login cannot be completed. reason: one word, shown to the person and counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SignInNeeded(Exception):
    """A silent login of somebody who has to sign in at the provider first. where: the page that they wanted."""

    def __init__(self, return_path: str) -> None:
        super().__init__(return_path)
        wanted = urlsplit(return_path)
        self.where = wanted._replace(query=f"{wanted.query}&login=needed".lstrip("&")).geturl()


class LogoutRefused(Problem):
    """A logout token that we do not believe."""

    slug, title, status = "logout-token-refused", "This logout token is not valid", 400


class LoggedOut(Wire):
    """redirect: where the browser ends the provider's session too; None if it cannot."""

    redirect: str | None


async def login(call: Call) -> Response:
    """Send the browser to a provider. Its cookie binds what comes back to it; several tabs share one.

    provider: the name of a further one. acr: how strong the sign-in has to be. With prompt=none nobody is
    asked: who is not signed in there comes back at once.
    """
    query, providers = call.request.query_params, call.port(Providers)
    return_path = logins.local_path(query.get("return", "/"))
    acr = _strength(query.get("acr"), call.port(IdentitySettings))
    provider = providers.named(name) if (name := query.get("provider", "")) else providers.house
    browser = call.request.cookies.get(LOGIN_COOKIE, "")
    if not 0 < len(browser) <= TOKEN_MAX_CHARS:
        browser = service.new_token()
    silent = query.get("prompt") == "none"
    try:
        await provider.metadata(REFETCH_S)  # fails before anything is remembered
        async with call.context.database.work() as work:
            state, sent = logins.begin(work, browser, return_path, provider=name, acr=acr)
        url = await provider.authorization_url(
            state=state, nonce=sent.nonce, verifier=sent.verifier, acr=acr, silent=silent
        )
    except Unavailable:
        return _refused("unavailable")
    response = RedirectResponse(url, 303, NOT_KEPT)
    response.headers["Set-Cookie"] = f"{LOGIN_COOKIE}={browser}; Max-Age={logins.LOGIN_MS // 1000}; {COOKIE_RULES}"
    return response


def _strength(acr: str | None, settings: IdentitySettings) -> str | None:
    """One of those that something here asks for; whatever else a link says is not for the provider."""
    if acr is not None and acr not in settings.step_up.values():
        raise Invalid(errors=(FieldError(pointer="/acr", detail="Nothing here asks for this."),))
    return acr


async def callback(call: Call) -> Response:
    """Take the answer of the house's provider: a session, or back to the start page with a reason."""
    return await _answered(call, call.port(Providers).house)


async def callback_of_further(call: Call) -> Response:
    """Take the answer of a further provider, as `callback`."""
    return await _answered(call, call.port(Providers).named(call.request.path_params["provider"]))


async def _answered(call: Call, provider: Provider) -> Response:
    query = call.request.query_params
    browser = call.request.cookies.get(LOGIN_COOKIE, "")
    try:
        async with call.context.database.work() as work:
            sent = await logins.take(work, query.get("state", ""), browser)
        if sent is None:
            raise LoginRefused("state")
        if sent.provider != provider.name:
            raise LoginRefused("issuer")
        token, tokens = await _redeem(provider, sent, query)
        if sent.acr and token.acr not in call.port(IdentitySettings).as_strong_as(sent.acr):
            raise LoginRefused("acr")
        cookie = await _sign_in(call, provider, token, tokens)
    except SignInNeeded as needed:
        LOGINS.labels("needed").inc()
        return RedirectResponse(needed.where, 303, NOT_KEPT)
    except LoginRefused as refused:
        return _refused(refused.reason)
    LOGINS.labels("ok").inc()
    response = RedirectResponse(sent.return_path, 303, NOT_KEPT)
    max_age_s = int(call.port(IdentitySettings).session_hours * HOUR_S)
    response.headers["Set-Cookie"] = cookie_header(cookie, max_age_s)
    return response


def _refused(reason: str) -> Response:
    LOGINS.labels(reason).inc()
    log.warning("login refused", reason=reason)
    return RedirectResponse(f"/?login=failed&reason={reason}", 303, NOT_KEPT)


async def _redeem(provider: Provider, sent: LoginState, query: QueryParams) -> tuple[IdToken, Tokens]:
    """The provider's answer as a verified ID token and its text. Raises LoginRefused, SignInNeeded.

    Issuer first (RFC 9207, section 2.4): until it is known who answers, nothing else of it means anything.
    """
    if len(query.multi_items()) != len(query):
        raise LoginRefused("repeated")  # RFC 6749, section 3.1: no parameter twice
    try:
        announced = (await provider.metadata()).authorization_response_iss_parameter_supported
    except Unavailable as error:
        raise LoginRefused("unavailable") from error
    issuer = query.get("iss")
    if issuer != provider.issuer and (issuer is not None or announced):
        raise LoginRefused("issuer")
    if (said := query.get("error")) in SIGN_IN_NEEDED:
        raise SignInNeeded(sent.return_path)
    if said:
        raise LoginRefused("denied" if said == "access_denied" else "provider")
    code = query.get("code", "")
    if not 0 < len(code) <= CODE_MAX_CHARS:
        raise LoginRefused("code")
    try:
        tokens = await provider.redeem(code, sent.verifier)
        return await provider.id_token(tokens.id_token or "", sent.nonce), tokens
    except CodeRefused as error:
        raise LoginRefused("code") from error
    except Unavailable as error:
        raise LoginRefused("unavailable") from error
    except TokenRefused as error:
        log.warning("ID token refused", reason=error.reason)
        raise LoginRefused("acr" if error.reason == "acr" else "token") from error


async def _sign_in(call: Call, provider: Provider, token: IdToken, tokens: Tokens) -> str:
    """Begin a session under a new value and end the one this browser had. Raises LoginRefused."""
    settings = call.port(IdentitySettings)
    async with call.context.database.work() as work:
        who = await arrivals.take_in(work, provider, token, settings)
        if not who.active:
            raise LoginRefused("inactive")
        if before := call.request.cookies.get(COOKIE):
            await service.end_session_of_token(work, before)
        return await service.begin_session(
            work,
            who.id,
            session_ms=int(settings.session_hours * HOUR_S * 1000),
            idle_ms=int(settings.idle_hours * HOUR_S * 1000),
            grant=service.Grant(token.sid, tokens.id_token, tokens.refresh_token, token.acr),
            agent=agent_of(call.request.headers.get("User-Agent", "")),
        )


async def logout(call: Call) -> LoggedOut:
    """End this session. It ends here even while the provider does not answer, which knows nothing of guests."""
    async with call.context.database.work() as work:
        provider = await call.port(Providers).of_person(work, call.actor.id)
        session = await work.db.get(Session, call.actor.session_id)
        id_token = session.id_token if session else None
        await service.end_session(work, call.actor.session_id)
    call.headers["Set-Cookie"] = cookie_header("", 0)
    try:
        redirect = await provider.end_session_url(id_token) if provider else None
    except Unavailable:
        redirect = None
    return LoggedOut(redirect=redirect)


async def backchannel_logout(call: Call) -> None:
    """The house's provider ends sessions (OpenID Connect Back-Channel Logout 1.0). Each token is obeyed once."""
    await _obey(call, call.port(Providers).house)


async def backchannel_logout_of_further(call: Call) -> None:
    """A further provider ends sessions, as `backchannel_logout`."""
    await _obey(call, call.port(Providers).named(call.request.path_params["provider"]))


async def _obey(call: Call, provider: Provider) -> None:
    body = await read_body(call.request, call.context.body_max_bytes)
    try:
        raw = dict(parse_qsl(body.decode())).get("logout_token", "")
    except ValueError as error:
        raise BadRequest("The body is not a form.") from error
    try:
        token = await provider.logout_token(raw)
    except TokenRefused as error:
        log.warning("logout token refused", reason=error.reason)
        raise LogoutRefused from error
    async with call.context.database.work() as work:
        if not await logins.spend(work, provider.issuer, token.jti, keep_ms=2 * LOGOUT_TOKEN_AGE_S * 1000):
            raise LogoutRefused
        ended = await service.end_sessions_of_provider(work, provider.namespace, subject=token.sub, sid=token.sid)
    log.info("the provider ended sessions", sessions=ended)
    call.headers["Cache-Control"] = "no-store"


def _for_machines(path: str, handler: Handler) -> Operation:
    return route("POST", path, handler, action=PUBLIC, status=200, transaction="none", cross_origin=True)


ROUTES = [
    route("GET", "/auth/login", login, action=PUBLIC, transaction="none"),
    route("GET", "/auth/callback", callback, action=PUBLIC, transaction="none"),
    route("GET", "/auth/callback/{provider}", callback_of_further, action=PUBLIC, transaction="none"),
    route("POST", "/api/v1/logout", logout, action=SESSION, transaction="none"),
    _for_machines("/auth/backchannel-logout", backchannel_logout),
    _for_machines("/auth/backchannel-logout/{provider}", backchannel_logout_of_further),
]
