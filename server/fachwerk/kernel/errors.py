# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Refusals that travel to a client as problem details (RFC 9457).

A `Problem` is expected: somebody asked for what cannot be. Everything else that is raised is a bug
and becomes a 500 with a request id.
"""

from typing import ClassVar

import msgspec


class FieldError(msgspec.Struct, frozen=True):
    """One fault of a body. pointer: RFC 6901 JSON pointer to the value, "" for the whole."""

    pointer: str
    detail: str


class ProblemDocument(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The wire form of a refusal (RFC 9457, section 3.1). `type` is a URN whose last part names the refusal."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: list[FieldError] = []
    request_id: str = ""
    data: dict[str, str | int | bool | None] = {}


class Problem(Exception):
    """An expected refusal. Classes fix slug, title and status; instances add detail and data.

    headers: of the answer, where a protocol asks for some even when it refuses.
    """

    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong on our side"
    status: ClassVar[int] = 500
    retry_after_s: ClassVar[int | None] = None

    def __init__(
        self,
        detail: str = "",
        *,
        errors: tuple[FieldError, ...] = (),
        **data: str | int | bool | None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail, self.errors, self.data = detail, errors, data
        self.headers: dict[str, str] = {}

    def document(self, request_id: str = "") -> ProblemDocument:
        """What the client gets."""
        return ProblemDocument(
            type=f"urn:fachwerk:problem:{self.slug}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            errors=list(self.errors),
            request_id=request_id,
            data=dict(self.data),
        )


class Internal(Problem):
    """A bug of ours: the log has the rest, under the request id."""


class BadRequest(Problem):
    """Not even readable."""

    slug, title, status = "bad-request", "The request cannot be read", 400


class NotSignedIn(Problem):
    """No session, or one that has ended."""

    slug, title, status = "not-signed-in", "Please sign in", 401


class Forbidden(Problem):
    """The caller knows the thing but may not do this."""

    slug, title, status = "forbidden", "You may not do this", 403


class StepUpNeeded(Problem):
    """The caller may do this, but not with so weak a sign-in. acr: the weakest that suffices."""

    slug, title, status = "step-up-needed", "This needs a stronger sign-in", 403


class NotFound(Problem):
    """There is no such thing, or the caller may not learn that there is."""

    slug, title, status = "not-found", "There is no such thing, or you may not see it", 404


class MethodNotAllowed(Problem):
    """The path exists, the method does not."""

    slug, title, status = "method-not-allowed", "This cannot be done here", 405


class Conflict(Problem):
    """Too late: the thing has changed or is closed."""

    slug, title, status = "conflict", "The thing has changed or is closed", 409


class TooLarge(Problem):
    """A body or a frame beyond its limit."""

    slug, title, status = "too-large", "This is larger than allowed", 413


class Invalid(Problem):
    """Readable, but it does not fit; `errors` says where."""

    slug, title, status = "invalid", "The request does not fit", 422


class TooMany(Problem):
    """Faster than the limit allows."""

    slug, title, status, retry_after_s = "too-many-requests", "Please slow down", 429, 1


class Unavailable(Problem):
    """A part that this needs is down; everything else goes on."""

    slug, title, status, retry_after_s = (
        "unavailable",
        "A part of the service does not answer just now",
        503,
        2,
    )
