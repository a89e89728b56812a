# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The built web client: hashed assets for a year, the one page for every other path."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

API_PATHS = ("/api/", "/auth/", "/scim/", "/demo-idp/")
"""What is never a page of the client: an unknown path there is a 404, not the start page."""


class _Assets(StaticFiles):
    """Files whose names carry a hash of their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Let browsers keep them."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def pages(built: Path) -> list[BaseRoute]:
    """Routes for a built client. Raises SystemExit when it is not there."""
    index = built / "index.html"
    if not index.is_file():
        raise SystemExit(f"there is no built web client in {built}: run `make web`")

    # What else lies beside the page is known from the start; so no request asks the disk for a made-up name.
    plain = {f"/{file.relative_to(built)}": file for file in built.rglob("*") if file.is_file()}

    async def page(request: Request) -> Response:
        path = request.url.path
        if path.startswith(API_PATHS):
            raise HTTPException(404)
        return FileResponse(plain.get(path, index), headers={"Cache-Control": "no-cache"})

    return [Mount("/assets", _Assets(directory=built / "assets")), Route("/{path:path}", page, methods=["GET"])]
