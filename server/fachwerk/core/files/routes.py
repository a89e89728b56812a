# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Uploads (tus 1.0.0), files and their content."""

from typing import Annotated

import msgspec
from starlette.responses import Response

from fachwerk.kernel.errors import FieldError, Invalid, NotSignedIn
from fachwerk.kernel.http import Call
from fachwerk.kernel.ids import is_id
from fachwerk.kernel.operation import PUBLIC, route
from fachwerk.kernel.wire import Body

from . import service, tus
from .download import answer
from .guard import RECHECK_BYTES, Guard
from .intake import receive
from .names import normal_name
from .service import File
from .store import FileStore


class Finish(Body):
    """The checksum of what the client has sent."""

    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]


async def options(call: Call) -> Response:
    """Say what we speak."""
    headers = {
        "Tus-Resumable": tus.VERSION,
        "Tus-Version": tus.VERSION,
        "Tus-Extension": tus.EXTENSIONS,
        "Tus-Max-Size": str(call.port(FileStore).settings.upload_max_bytes),
    }
    return Response(status_code=204, headers=headers)


@tus.speaks_tus
async def create(call: Call) -> Response:
    """Open an upload into a room."""
    headers = call.request.headers
    length, metadata = tus.number(headers, "Upload-Length"), tus.metadata(headers)
    room_id = metadata.get("room", "")
    if not is_id(room_id):
        raise Invalid(errors=(FieldError("/Upload-Metadata/room", "the id of a room"),))
    try:
        name = normal_name(metadata.get("filename", ""))
    except ValueError as error:
        raise Invalid(errors=(FieldError("/Upload-Metadata/filename", str(error)),)) from error
    upload = await service.begin(
        call.work, call.policy, call.actor, call.port(FileStore), room_id=room_id, name=name, length_bytes=length
    )
    return Response(status_code=201, headers=tus.standing(upload) | {"Location": f"/api/v1/uploads/{upload.id}"})


@tus.speaks_tus
async def stand(call: Call) -> Response:
    """Say how far an upload is."""
    upload = await service.upload_of(call.work, call.policy, call.actor, call.id("upload"))
    return Response(headers=tus.standing(upload) | tus.described(upload))


@tus.speaks_tus
async def append(call: Call) -> Response:
    """Bring an upload's next bytes."""
    headers = call.request.headers
    if headers.get("content-type") != tus.CONTENT_TYPE:
        raise tus.WrongContentType
    offset = tus.number(headers, "Upload-Offset")
    announced = tus.number(headers, "Content-Length") if "content-length" in headers else 0
    upload_id = call.id("upload")

    async def ask() -> None:
        actor = await call.context.authenticate(call.request)
        if actor is None:
            raise NotSignedIn
        async with call.context.database.read() as work:
            await service.upload_of(work, call.policy, actor, upload_id)

    guard = Guard(call.context.clock, ask)
    upload = await receive(
        call.context, call.actor, upload_id, call.request.stream(), offset=offset, announced=announced, guard=guard
    )
    return Response(status_code=204, headers=tus.standing(upload))


@tus.speaks_tus
async def cancel(call: Call) -> Response:
    """Give up an upload."""
    await service.cancel(call.work, call.policy, call.actor, call.id("upload"))
    return Response(status_code=204)


async def finish(call: Call, body: Finish) -> File:
    """Make a complete upload a file."""
    store = call.port(FileStore)
    return await service.finish(call.context.database, call.policy, call.actor, store, call.id("upload"), body.sha256)


async def show(call: Call) -> File:
    """A file without its bytes."""
    return service.as_file(await service.readable(call.work, call.policy, call.actor, call.id("file")))


async def content(call: Call) -> Response:
    """A file's bytes, all or one range."""
    store, file_id, database = call.port(FileStore), call.id("file"), call.context.database
    async with database.read() as work:
        found = await service.content(work, call.policy, call.actor, store, file_id)

    async def ask() -> None:
        actor = await call.context.authenticate(call.request)
        if actor is None:
            raise NotSignedIn
        async with database.read() as work:
            await service.readable(work, call.policy, actor, file_id)

    guard = Guard(call.context.clock, ask, every_bytes=RECHECK_BYTES)
    return answer(call.request, found, store, guard)


ROUTES = [
    route("OPTIONS", "/api/v1/uploads", options, action=PUBLIC, transaction="none"),
    route("POST", "/api/v1/uploads", create, action="file.upload", status=201),
    route("HEAD", "/api/v1/uploads/{upload}", stand, action="file.upload"),
    route("PATCH", "/api/v1/uploads/{upload}", append, action="file.upload", status=204, transaction="none"),
    route("DELETE", "/api/v1/uploads/{upload}", cancel, action="file.upload", status=204),
    route("POST", "/api/v1/uploads/{upload}/finish", finish, action="file.upload", status=201, transaction="none"),
    route("GET", "/api/v1/files/{file}", show, action="file.read"),
    route("GET", "/api/v1/files/{file}/content", content, action="file.read", transaction="none"),
]
