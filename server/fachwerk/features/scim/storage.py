# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the storages of users and groups have in common: one request, in its transaction."""

from dataclasses import dataclass
from typing import Any, TypeVar

from scim2_models import InvalidValueException, NotFoundException, SearchRequest, UniquenessException
from scim2_server.requests import ScimRequest
from scim2_server.storage import AsyncScimStorage
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped
from sqlmodel import func, select
from sqlmodel.sql.expression import Select

from fachwerk.kernel.db import Work
from fachwerk.kernel.ids import is_id

from .schema import NO_TEXT

A = TypeVar("A")
B = TypeVar("B")
PATH = "/scim/v2"
TEXT_MAX_CHARS = 256


def require_text(name: str, text: str) -> None:
    """Raises InvalidValueException for what is not kept."""
    if not text.strip() or len(text) > TEXT_MAX_CHARS or NO_TEXT.search(text):
        raise InvalidValueException(detail=f"{name}: a text of at most {TEXT_MAX_CHARS} characters on one line")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where it is served. issuer: whose people are meant. places: whether departments are filled over SCIM."""

    origin: str
    issuer: str
    places: bool

    @property
    def base_url(self) -> str:
        """Of all that is served."""
        return self.origin + PATH


class Storage(AsyncScimStorage):
    """actor_id: the machine that asks."""

    def __init__(self, work: Work, endpoint: Endpoint, request: ScimRequest, actor_id: str) -> None:
        self.work, self.endpoint, self.request, self.actor_id = work, endpoint, request, actor_id

    async def one(self, chosen: Select[A, B], key: Mapped[str], resource_id: str) -> tuple[A, B]:
        """The row of a resource. Raises NotFoundException.

        What is about to change is held until the end. It is held first and read then: a query that waits for one row
        has already read those that it joins, as they were before.
        """
        if is_id(resource_id):
            if self.request.method != "GET":
                await self.work.db.exec(select(key).where(key == resource_id).with_for_update(key_share=True))
            if found := (await self.work.db.exec(chosen.where(key == resource_id))).first():
                return found
        raise NotFoundException(detail="there is no such resource")

    async def page(self, chosen: Select[A, B], asked: SearchRequest[Any]) -> tuple[int, list[tuple[A, B]]]:
        """(how many rows there are, those of the page). A page behind the last row, or of none, costs no query."""
        counted = select(func.count()).select_from(chosen.order_by(None).subquery())
        total = (await self.work.db.exec(counted)).one()
        start, count = asked.start_index_0 or 0, asked.count or 0
        if start >= total or not count:
            return total, []
        return total, list((await self.work.db.exec(chosen.offset(start).limit(count))).all())

    async def flush(self, attributes: str) -> None:
        """Write now. Raises UniquenessException naming the attributes of which one is somebody else's."""
        try:
            await self.work.db.flush()
        except IntegrityError as error:
            raise UniquenessException(detail=f"{attributes} must be unique") from error
