# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""How the system that pushes people shows who it is."""

import hmac

from starlette.requests import HTTPConnection

from fachwerk.core import identity
from fachwerk.kernel.context import Authenticate
from fachwerk.kernel.db import Database
from fachwerk.kernel.errors import Forbidden
from fachwerk.kernel.http import bearer_token
from fachwerk.kernel.policy import Actor

from .rules import SCIM_ACTIONS, SCIM_ROLE
from .settings import ScimSettings

SUBJECT, NAME = "scim", "SCIM"


def authenticator(settings: ScimSettings, database: Database, others: Authenticate) -> Authenticate:
    """The system by its token, everybody else by `others`. Raises SystemExit as `ScimSettings.token`."""
    token = settings.token()
    if token is None:
        return others
    expected = token.encode()

    async def authenticate(connection: HTTPConnection) -> Actor | None:
        """Raises Forbidden for a mixture of credentials, and for a socket: it has nothing to listen to."""
        shown = bearer_token(connection)
        if shown is None or not hmac.compare_digest(shown.encode(), expected):
            return await others(connection)
        if "cookie" in connection.headers or connection.scope["type"] != "http":
            raise Forbidden("A machine has a token or a session, not both, and no socket.")
        machine_id = await identity.machine_id(database, SUBJECT, NAME)
        return Actor(id=machine_id, roles=frozenset({SCIM_ROLE}), only=SCIM_ACTIONS)

    return authenticate
