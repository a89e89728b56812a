# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""From bytes and query strings to checked wire types, with the place of each fault."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, TypeVar, get_args, get_origin

import msgspec

from .errors import BadRequest, FieldError, Invalid

S = TypeVar("S")
_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>\$[^`]*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


_DECODERS: dict[type[Any], msgspec.json.Decoder[Any]] = {}
"""Made once per type: making one costs far more than a decoding."""


def decode(kind: type[S], raw: bytes | str) -> S:
    """JSON to a wire type. Raises BadRequest for no JSON, Invalid with pointers for what does not fit."""
    try:
        decoder: msgspec.json.Decoder[S] = _DECODERS.get(kind) or _DECODERS.setdefault(kind, msgspec.json.Decoder(kind))
        value = decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise invalid(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest("The body is not valid JSON.") from error
    if b"\\u0000" in raw if isinstance(raw, bytes) else "\\u0000" in raw:
        _refuse_nul(value)
    return value


def convert_query(kind: type[S], items: list[tuple[str, str]]) -> S:
    """A query string to a wire type; a repeated name makes a list where the type has one."""
    assert issubclass(kind, msgspec.Struct)
    lists = {f.encode_name for f in msgspec.structs.fields(kind) if _is_list(f.type)}
    values: dict[str, object] = {}
    for name, value in items:
        if name in lists:
            many = values.setdefault(name, [])
            assert isinstance(many, list)
            many.append(value)
        else:
            values[name] = value
    if any("\0" in value for _, value in items):
        _refuse_nul(values)
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid(error) from None


def _refuse_nul(value: object) -> None:
    """PostgreSQL's text has no U+0000, so nobody's has. Raises Invalid with the places."""
    places = tuple(FieldError(pointer, "U+0000 is no text") for pointer in _nul_places(msgspec.to_builtins(value), ""))
    if places:
        raise Invalid(errors=places)


def _nul_places(value: object, pointer: str) -> Iterator[str]:
    if isinstance(value, str) and "\0" in value:
        yield pointer
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _nul_places(part, f"{pointer}/{name}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _nul_places(part, f"{pointer}/{index}")


def _is_list(kind: Any) -> bool:
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return kind is list or get_origin(kind) is list


def invalid(error: msgspec.ValidationError) -> Invalid:
    """Msgspec's sentence ("... - at `$.a[0]`") as a problem with a JSON pointer (RFC 6901)."""
    match = _PLACE.match(str(error))
    assert match
    steps = _STEP.findall(match["path"] or "")
    pointer = "".join("/" + (name or index).replace("~", "~0").replace("/", "~1") for name, index in steps)
    unknown = re.match(r"Object contains unknown field `(?P<name>[^`]*)`", match["what"])
    if unknown:
        pointer += "/" + unknown["name"].replace("~", "~0").replace("/", "~1")
    return Invalid(errors=(FieldError(pointer=pointer, detail=match["what"]),))
