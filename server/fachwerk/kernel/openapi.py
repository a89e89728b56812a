# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""OpenAPI 3.1 of everything that can be asked, from the modules' own declarations.

The socket's commands, answers and events are schemas too: `ClientFrame`, `ServerFrame` and `Event` are
unions discriminated by `t` and `kind`. Source: OpenAPI Specification 3.1.1.
"""

import json
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any, get_type_hints

import msgspec
from starlette.responses import Response

from .errors import ProblemDocument
from .events import Event, kind_of
from .module import Module
from .operation import PUBLIC, Operation, writes_itself

REF = "#/components/schemas/{name}"


def document(modules: Sequence[Module], answers: Sequence[type[msgspec.Struct]] = ()) -> str:
    """The description as indented JSON. answers: what the server says on the socket that is no event."""
    operations = [operation for module in modules for operation in module.routes]
    events = [event for module in modules for event in module.events]
    frames = [command.frame for module in modules for command in module.commands]
    state = _states(modules)
    structs = [*_structs(operations), *events, *frames, *answers, *state.values(), ProblemDocument]
    _schemas, components = msgspec.json.schema_components(list(dict.fromkeys(structs)), ref_template=REF)
    # msgspec spells two types of one name with their modules; clients would get neither under its name
    twins = [name for name in components if "." in name]
    if twins:
        msg = f"two wire types share a name: {', '.join(sorted(twins))}"
        raise ValueError(msg)
    components |= {
        "Event": _union(events, "kind", components),
        "ClientFrame": _union(frames, "t", components),
        "ServerFrame": _union(answers, "t", components),
    }
    for name, parts in state.items():
        if name in components:
            components[name]["properties"]["state"] = _schema(parts)
    return json.dumps(
        {
            "openapi": "3.1.1",
            "info": {
                "title": "Fachwerk",
                "version": version("fachwerk"),
                "license": {"identifier": "EUPL-1.2", "name": "EUPL-1.2"},
            },
            "paths": _paths(operations),
            "components": {
                "schemas": dict(sorted(components.items())),
                "securitySchemes": {
                    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-fachwerk"},
                    "machine": {"type": "http", "scheme": "bearer"},
                },
            },
            "security": [{"session": []}, {"machine": []}],
        },
        indent=1,
        ensure_ascii=False,
    )


def _states(modules: Sequence[Module]) -> dict[str, type[msgspec.Struct]]:
    """For the answers that hold a part per module, a type with a field per module."""
    parts: dict[str, type[msgspec.Struct]] = {}
    for answer, kind in (("RoomState", "room"), ("Hello", "user")):
        fields = [
            (module.name, get_type_hints(snapshot.load)["return"])
            for module in modules
            if (snapshot := module.snapshots.get(kind))
        ]
        parts[answer] = msgspec.defstruct(answer + "Parts", fields, kw_only=True)
    return parts


def _structs(operations: Iterable[Operation]) -> list[Any]:
    found: list[Any] = []
    for op in operations:
        found += [kind for kind in (op.body, op.answer) if kind is not None and kind is not Response]
    return [kind for kind in found if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]


def _schema(kind: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=REF)
    return schema


def _union(kinds: Sequence[type[msgspec.Struct]], tag: str, components: dict[str, Any]) -> dict[str, Any]:
    refs = [_schema(kind) for kind in kinds]
    for kind, ref in zip(kinds, refs, strict=True):
        # a tag is always there, which the generator of types must know to tell them apart
        schema = components[ref["$ref"].rsplit("/", 1)[-1]]
        value = kind_of(kind) if issubclass(kind, Event) else kind.__struct_config__.tag
        schema["properties"][tag] = {"const": value}
        schema["required"] = sorted({*schema.get("required", ()), tag})
    return {"anyOf": refs} if refs else {"not": {}}


def _paths(operations: Iterable[Operation]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for op in operations:
        path = re.sub(r"{(\w+):\w+}", r"{\1}", op.path)
        paths.setdefault(path, {})[op.method.lower()] = _operation(op, path)
    return dict(sorted(paths.items()))


def _operation(op: Operation, path: str) -> dict[str, Any]:
    summary = (op.handler.__doc__ or "").strip().split("\n")[0]
    described: dict[str, Any] = {
        "operationId": op.name,
        "summary": summary,
        "description": f"Policy: `{op.action}`.",
        "tags": [op.name.split(".")[0]],
        "responses": {str(op.status): _response(op), "default": _problem()},
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]
    if op.query:
        parameters += [
            {
                "name": field.encode_name,
                "in": "query",
                "required": field.required,
                "schema": _schema(field.type),
            }
            for field in msgspec.structs.fields(op.query)
        ]
    if parameters:
        described["parameters"] = parameters
    if op.body is bytes:
        described["requestBody"] = {"description": "Read by the handler.", "required": True, "content": {"*/*": {}}}
    elif op.body:
        content = {"application/json": {"schema": _schema(op.body)}}
        described["requestBody"] = {"required": True, "content": content}
    if op.action == PUBLIC:
        described["security"] = []
    return described


def _response(op: Operation) -> dict[str, Any]:
    if writes_itself(op):
        return {"description": "Written by the handler: a file, a redirect or the protocol's own answer."}
    if op.answer is None:
        return {"description": "Done."}
    return {"description": "Done.", "content": {"application/json": {"schema": _schema(op.answer)}}}


def _problem() -> dict[str, Any]:
    schema = _schema(ProblemDocument)
    return {"description": "Refused.", "content": {"application/problem+json": {"schema": schema}}}
