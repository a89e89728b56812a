# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Refusals as SCIM has them (RFC 7644, section 3.12)."""

from scim2_models import Error, SCIMException
from scim2_server.responses import SCIM_MEDIA_TYPE
from starlette.responses import Response

from fachwerk.kernel.errors import NotSignedIn, Problem
from fachwerk.kernel.events import encode


class ScimRefused(Problem):
    """What the protocol itself has a word for. error: that word."""

    slug, title, status = "scim-refused", "The SCIM request was refused", 400

    def __init__(self, error: SCIMException) -> None:
        super().__init__(error.detail)
        self.error = error.to_error()


def refusal(problem: Problem, _request_id: str) -> Response:
    """Any refusal in this form."""
    if isinstance(problem, ScimRefused):
        error = problem.error
    else:
        error = Error(status=problem.status, detail=problem.detail or problem.title)
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(problem, NotSignedIn) else None  # RFC 6750, section 3
    return Response(encode(error.model_dump()), error.status or problem.status, headers, media_type=SCIM_MEDIA_TYPE)
