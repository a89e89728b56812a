# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The protocol, where ours differs from the library's (RFC 7644)."""

from http import HTTPStatus
from typing import Any

from scim2_models import (
    Context,
    ListResponse,
    PatchOp,
    PatchOperation,
    PayloadTooLargeException,
    Resource,
    ResourceType,
    SearchRequest,
)
from scim2_server.conditions import Conditions
from scim2_server.handler import AsyncScimHandler
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService
from scim2_server.storage import SearchPage

from .groups import Groups
from .schema import PROVIDER

OPERATIONS_MAX = 100
"""In one PATCH; each is checked against the whole resource. One operation may name many members."""


class Protocol(ScimService):
    """Its steps. Resources come with whole addresses, made for one answer, so nothing is copied once more."""

    def publish(self, base_url: str, resource: Resource[Any]) -> Resource[Any]:
        """A resource as it is sent."""
        return resource

    def search_response(
        self,
        base_url: str,
        resource_types: list[ResourceType],
        page: SearchPage,
        search_request: SearchRequest[Any],
    ) -> ScimResponse:
        """A page as it is sent, without checking each resource a second time."""
        dumped = [
            resource.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=search_request)
            for resource in page.resources
        ]
        body = {
            "schemas": [str(ListResponse.__schema__)],
            "totalResults": page.total,
            "itemsPerPage": len(dumped),
            "startIndex": search_request.start_index,
            "Resources": dumped,
        }
        return ScimResponse(HTTPStatus.OK, body)

    def read_patch(self, resource_type: ResourceType, body: bytes, content_type: str | None) -> "PatchOp[Any]":
        """A PATCH of a bounded number of operations.

        What is to be removed may be named in the value, as Microsoft Entra does; its `"$ref": null` names nothing.
        """
        read = super().read_patch(resource_type, body, content_type)
        operations = read.operations or []
        if len(operations) > OPERATIONS_MAX:
            raise PayloadTooLargeException(detail=f"at most {OPERATIONS_MAX} operations in a request")
        for operation in operations:
            if operation.op is PatchOperation.Op.remove and operation.value is not None:
                entries = operation.value if isinstance(operation.value, list) else [operation.value]
                operation.value = [_telling(entry) for entry in entries]
        return read


def _telling(entry: Any) -> Any:
    """What tells one entry from the others."""
    if not isinstance(entry, dict):
        return entry
    return {name: value for name, value in entry.items() if value is not None and name != "$ref"}


class Handler(AsyncScimHandler):
    """One request."""

    async def patch_resource(
        self, resource_type: ResourceType, resource_id: str, patch_op: "PatchOp[Any]", conditions: Conditions
    ) -> Resource[Any]:
        """Change what is named; of a department's many members only those are loaded."""
        if isinstance(self.storage, Groups):
            self.storage.narrow(patch_op)
        return await super().patch_resource(resource_type, resource_id, patch_op, conditions)


PROTOCOL = Protocol(PROVIDER)
