# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""SCIM 2.0 over HTTP (RFC 7644, section 3.2)."""

from collections.abc import Awaitable, Callable

from scim2_models import SCIMException
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from starlette.responses import Response

from fachwerk.kernel.events import encode
from fachwerk.kernel.http import Call
from fachwerk.kernel.log import logger
from fachwerk.kernel.operation import Operation, route
from fachwerk.kernel.policy import Facts

from .errors import ScimRefused
from .groups import Groups
from .protocol import PROTOCOL, Handler
from .storage import PATH, Endpoint
from .users import Users

Verb = Callable[[Handler, ScimRequest], Awaitable[ScimResponse]]

log = logger("scim")


async def show_config(call: Call) -> Response:
    """What this endpoint can do."""
    return await _read(call, Users, Handler.service_provider_config)


async def list_resource_types(call: Call) -> Response:
    """What there is: users and groups."""
    return await _read(call, Users, Handler.resource_types)


async def show_resource_type(call: Call) -> Response:
    """One of them."""
    return await _read(call, Users, Handler.resource_type)


async def list_schemas(call: Call) -> Response:
    """The attributes that are kept."""
    return await _read(call, Users, Handler.schemas)


async def show_schema(call: Call) -> Response:
    """Those of a user, or of a group."""
    return await _read(call, Users, Handler.schema)


async def list_users(call: Call) -> Response:
    """Users, page by page; those that a filter chooses."""
    return await _read(call, Users, Handler.search)


async def search_users(call: Call, body: bytes) -> Response:
    """The same without telling the filter to whoever logs addresses."""
    return await _read(call, Users, Handler.search_with_body, body)


async def show_user(call: Call) -> Response:
    """One user."""
    return await _read(call, Users, Handler.query)


async def create_user(call: Call, body: bytes) -> Response:
    """Tell of a person, known here before or not."""
    return await _write(call, Users, Handler.create, body)


async def replace_user(call: Call, body: bytes) -> Response:
    """Say anew all that is said of a user."""
    return await _write(call, Users, Handler.replace, body)


async def change_user(call: Call, body: bytes) -> Response:
    """Change some of what is said of a user."""
    return await _write(call, Users, Handler.patch, body)


async def delete_user(call: Call) -> Response:
    """Tell of a person no more: they are barred and stay known."""
    return await _write(call, Users, Handler.delete)


async def list_groups(call: Call) -> Response:
    """Departments, page by page; those that a filter chooses."""
    return await _read(call, Groups, Handler.search)


async def search_groups(call: Call, body: bytes) -> Response:
    """The same without telling the filter to whoever logs addresses."""
    return await _read(call, Groups, Handler.search_with_body, body)


async def show_group(call: Call) -> Response:
    """One department with its members."""
    return await _read(call, Groups, Handler.query)


async def create_group(call: Call, body: bytes) -> Response:
    """Refused: departments are made elsewhere."""
    return await _write(call, Groups, Handler.create, body)


async def replace_group(call: Call, body: bytes) -> Response:
    """Say anew who belongs to a department."""
    return await _write(call, Groups, Handler.replace, body)


async def change_group(call: Call, body: bytes) -> Response:
    """Put people into a department or take them out."""
    return await _write(call, Groups, Handler.patch, body)


async def delete_group(call: Call) -> Response:
    """Refused: departments end elsewhere."""
    return await _write(call, Groups, Handler.delete)


async def _read(call: Call, storage: type[Users] | type[Groups], verb: Verb, body: bytes = b"") -> Response:
    call.policy.require(call.actor, "scim.read", Facts())
    return await _answer(call, storage, verb, body)


async def _write(call: Call, storage: type[Users] | type[Groups], verb: Verb, body: bytes = b"") -> Response:
    call.policy.require(call.actor, "scim.write", Facts())
    return await _answer(call, storage, verb, body)


async def _answer(call: Call, storage: type[Users] | type[Groups], verb: Verb, body: bytes) -> Response:
    asked, endpoint = call.request, call.port(Endpoint)
    request = ScimRequest(
        method="GET" if asked.method == "HEAD" else asked.method,
        base_url=endpoint.base_url,
        path=asked.url.path.removeprefix(PATH),
        query=dict(asked.query_params),
        headers=asked.headers.items(),
        body=body,
    )
    try:
        answer = await verb(Handler(PROTOCOL, storage(call.work, endpoint, request, call.actor.id)), request)
    except SCIMException as error:
        log.info("SCIM request refused", status=error.status, scim_type=error.scim_type)
        raise ScimRefused(error) from error
    content = None if answer.body is None else encode(answer.body)
    return Response(content, answer.status, answer.headers)


def _get(path: str, handler: Callable[..., Awaitable[Response]]) -> Operation:
    return route("GET", PATH + path, handler, action="scim.read")


def _search(path: str, handler: Callable[..., Awaitable[Response]]) -> Operation:
    return route("POST", PATH + path, handler, action="scim.read", transaction="read")


def _change(method: str, path: str, handler: Callable[..., Awaitable[Response]]) -> Operation:
    return route(method, PATH + path, handler, action="scim.write")


ROUTES = [
    _get("/ServiceProviderConfig", show_config),
    _get("/ResourceTypes", list_resource_types),
    _get("/ResourceTypes/{type}", show_resource_type),
    _get("/Schemas", list_schemas),
    _get("/Schemas/{schema}", show_schema),
    _get("/Users", list_users),
    _search("/Users/.search", search_users),
    _get("/Users/{user}", show_user),
    _change("POST", "/Users", create_user),
    _change("PUT", "/Users/{user}", replace_user),
    _change("PATCH", "/Users/{user}", change_user),
    _change("DELETE", "/Users/{user}", delete_user),
    _get("/Groups", list_groups),
    _search("/Groups/.search", search_groups),
    _get("/Groups/{group}", show_group),
    _change("POST", "/Groups", create_group),
    _change("PUT", "/Groups/{group}", replace_group),
    _change("PATCH", "/Groups/{group}", change_group),
    _change("DELETE", "/Groups/{group}", delete_group),
]
