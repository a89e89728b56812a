# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The words of resumable uploads: tus 1.0.0 with the extensions creation, termination and expiration."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import wraps

from starlette.datastructures import Headers
from starlette.responses import Response

from fachwerk.kernel.errors import BadRequest, FieldError, Invalid, Problem
from fachwerk.kernel.http import Call

from .model import Upload

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,expiration"
CONTENT_TYPE = "application/offset+octet-stream"
METADATA_MAX_BYTES = 4096
DIGITS_MAX = 18
"""A number of bytes with more digits fits nowhere."""


class WrongVersion(Problem):
    """The client speaks another version of tus."""

    slug, title, status = "tus-version", "Only version 1.0.0 of tus is spoken here", 412


class WrongContentType(Problem):
    """PATCH carries bytes of the file and nothing else."""

    slug, title, status = "content-type", f"The content must be {CONTENT_TYPE}", 415


Handler = Callable[[Call], Awaitable[Response]]


def speaks_tus(handler: Handler) -> Handler:
    """Check the client's version, and name ours in every answer, refusals included (tus 1.0.0, "Headers")."""

    @wraps(handler)
    async def versioned(call: Call) -> Response:
        try:
            if call.request.headers.get("tus-resumable") != VERSION:
                raise WrongVersion
            response = await handler(call)
        except Problem as problem:
            problem.headers |= {"Tus-Resumable": VERSION, "Tus-Version": VERSION}
            raise
        response.headers["Tus-Resumable"] = VERSION
        return response

    return versioned


def standing(upload: Upload) -> dict[str, str]:
    """Headers that say where an upload stands."""
    expires = format_datetime(datetime.fromtimestamp(upload.expires_ms // 1000, UTC), usegmt=True)
    return {"Upload-Offset": str(upload.received_bytes), "Upload-Expires": expires, "Cache-Control": "no-store"}


def number(headers: Headers, name: str) -> int:
    """A header that counts bytes. Raises BadRequest."""
    text = headers.get(name, "")
    if not (text.isascii() and text.isdecimal()) or len(text) > DIGITS_MAX:
        raise BadRequest(f"{name} must be a number of bytes.")
    return int(text)


def metadata(headers: Headers) -> dict[str, str]:
    """Upload-Metadata: pairs of a key and base64 text, parted by commas. Raises Invalid."""
    header = headers.get("upload-metadata", "")
    if len(header) > METADATA_MAX_BYTES:
        raise _misfit("", f"at most {METADATA_MAX_BYTES} bytes")
    values: dict[str, str] = {}
    for pair in filter(None, (pair.strip() for pair in header.split(","))):
        key, _, encoded = pair.partition(" ")
        try:
            values[key] = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise _misfit(f"/{key}", "not base64 of UTF-8 text") from error
    return values


def described(upload: Upload) -> dict[str, str]:
    """What else HEAD says (tus 1.0.0, "Creation"): the length, and the metadata as far as we keep it."""
    pairs = {"filename": upload.name, "room": upload.room_id}
    words = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
    return {"Upload-Length": str(upload.length_bytes), "Upload-Metadata": words}


def _misfit(pointer: str, detail: str) -> Invalid:
    return Invalid(errors=(FieldError(f"/Upload-Metadata{pointer}", detail),))
