# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The system that pushes people to us over SCIM."""

from typing import Any

import httpx2

from tests.house.client import WAIT_S

SCIM_JSON = "application/scim+json"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


class Pusher:
    """Asks with a token."""

    def __init__(self, origin: str, token: str) -> None:
        self.origin = origin
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": SCIM_JSON}

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """Ask; a body of bytes is sent as it is. path: below /scim/v2."""
        sent = {"content": body} if isinstance(body, bytes) else {} if body is None else {"json": body}
        async with httpx2.AsyncClient(base_url=f"{self.origin}/scim/v2", timeout=WAIT_S) as http:
            return await http.request(method, path, headers=self.headers | headers, **sent)

    async def call(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """Ask; the answer must have this status. Returns its JSON, if it has one."""
        response = await self.ask(method, path, body)
        assert response.status_code == status, (response.status_code, response.text)
        assert not response.content or response.headers["content-type"] == SCIM_JSON
        return response.json() if response.content else None

    async def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str | None]:
        """Ask for what must be refused: (status, the protocol's word for it)."""
        response = await self.ask(method, path, body)
        error = response.json()
        assert (response.headers["content-type"], error["schemas"]) == (SCIM_JSON, [ERROR]), response.text
        assert error["status"] == str(response.status_code)
        assert error["detail"]
        return response.status_code, error.get("scimType")

    async def hire(self, name: str, /, **more: Any) -> str:
        """Tell of somebody; returns their id."""
        made = await self.call("POST", "/Users", user(name, **more), status=201)
        return str(made["id"])

    async def patch(self, path: str, *operations: dict[str, Any], status: int = 204) -> None:
        """Change a resource."""
        await self.call("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)}, status=status)

    async def find(self, path: str, chosen: str) -> list[Any]:
        """What a filter chooses."""
        query = str(httpx2.QueryParams({"filter": chosen}))
        return list((await self.call("GET", f"{path}?{query}"))["Resources"])


def user(name: str, /, **more: Any) -> dict[str, Any]:
    """As a system sends somebody. Their subject is their name."""
    return {
        "schemas": [USER],
        "externalId": name,
        "userName": f"{name}@ministerium.example",
        "name": {"givenName": name.title(), "familyName": "Probe"},
        "emails": [{"value": f"{name}@ministerium.example", "type": "work", "primary": True}],
        "active": True,
    } | more


def op(op: str, path: str | None = None, **value: Any) -> dict[str, Any]:
    """An operation of a PATCH."""
    return {"op": op} | ({"path": path} if path else {}) | value
