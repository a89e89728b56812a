# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is taken over about people beyond name and address, for rules about who is in a room; nothing by default."""

from collections.abc import Collection, Mapping
from typing import Any, Literal

from pydantic import Field, field_validator

from fachwerk.kernel.log import logger
from fachwerk.kernel.settings import Section

from .names import clean

ATTRIBUTES_MAX = 10
VALUES_MAX = 10
"""Of one attribute of one person; what the source names beyond that is left out."""
VALUE_MAX_CHARS = 100
"""A longer value is left out: half of one would be another one."""
NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,31}$"
TAKEN = frozenset(
    {"kind", "key", "name", "given_name", "parent", "email", "lead", "username", "firstname", "lastname", "locale"}
)
"""Names, in small letters, that mean something else in a file or at the provider."""

Attributes = Mapping[str, tuple[str, ...]]
"""By name: all values that somebody has. A name with none: they have none; a name left out: nothing is said of it."""

log = logger("identity")


class PersonAttribute(Section):
    """An attribute of people, as the provider calls it, and what it is called here. rules: who may make rules of it."""

    name: str = Field(pattern=NAME)
    de: str = Field(default="", max_length=40, description="what it is called in German; none: its name")
    en: str = Field(default="", max_length=40, description="and in English")
    rules: Literal["heads", "owners"] = Field(
        default="heads",
        description="whether only those who lead a department, or are deputy, make rules of it, about their people, or "
        "every owner of a room about the departments that they see",
    )

    @field_validator("name")
    @classmethod
    def _free(cls, name: str) -> str:
        if name.lower() in TAKEN:
            msg = f"{name} is not free: it means something else in files or at the provider"
            raise ValueError(msg)
        return name


def values_of(said: Any) -> tuple[str, ...]:
    """The values of an attribute as a source says them (a text or a list of texts), in order, each once."""
    raw = [said] if isinstance(said, str) else said if isinstance(said, (list, tuple)) else []
    found = {clean(value) for value in raw if isinstance(value, str)} - {""}
    short = sorted(value for value in found if len(value) <= VALUE_MAX_CHARS)
    if len(short) < len(found) or len(short) > VALUES_MAX:
        log.warning("values of an attribute are too long or too many and were left out")
    return tuple(short[:VALUES_MAX])


def attributes_of(said: Mapping[str, Any], names: Collection[str]) -> Attributes:
    """What a source that knows all about somebody says of the attributes with these names."""
    return {name: values_of(said.get(name)) for name in names}
