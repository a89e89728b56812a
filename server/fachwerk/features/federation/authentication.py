# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""How the bridge shows who it is, and in whose name it asks."""

import hmac

from starlette.requests import HTTPConnection

from fachwerk.core import identity
from fachwerk.kernel.context import Authenticate
from fachwerk.kernel.db import Database
from fachwerk.kernel.errors import Forbidden
from fachwerk.kernel.http import bearer_token
from fachwerk.kernel.ids import is_id
from fachwerk.kernel.policy import Actor

from .names import server_of
from .rules import BRIDGE_ACTIONS, BRIDGE_ROLE, EXTERNAL_ACTIONS
from .service import BRIDGE_NAME, BRIDGE_SUBJECT
from .settings import FederationSettings

AS = "fachwerk-as"
BRIDGE_COST = 0.02
"""One request of the bridge counts so much of a person's: it speaks for whole ministries."""


def authenticator(settings: FederationSettings, database: Database, people: Authenticate) -> Authenticate:
    """People by their sessions, the bridge by its token; who shows both is refused. Raises SystemExit as `token`."""
    expected = settings.token()

    async def authenticate(connection: HTTPConnection) -> Actor | None:
        """Raises Forbidden for a mixture of credentials and for a name in which the bridge may not ask."""
        token = bearer_token(connection)
        if token is None:
            if AS in connection.headers:
                raise Forbidden
            return await people(connection)
        if expected is None or not hmac.compare_digest(token.encode(), expected.encode()):
            return None
        if "cookie" in connection.headers:
            raise Forbidden("A machine has a token or a session, not both.")
        if (person_id := connection.headers.get(AS)) is not None:
            return await _external(connection, person_id)
        machine_id = await identity.machine_id(database, BRIDGE_SUBJECT, BRIDGE_NAME)
        return Actor(id=machine_id, roles=frozenset({BRIDGE_ROLE}), only=BRIDGE_ACTIONS, cost=BRIDGE_COST)

    async def _external(connection: HTTPConnection, person_id: str) -> Actor:
        """Somebody of a ministry with which rooms are shared; they have no sockets."""
        if not is_id(person_id) or connection.scope["type"] != "http":
            raise Forbidden
        async with database.read() as work:
            who = await identity.person(work, person_id)
        if who is None or not who.is_external or not who.active or server_of(who.subject) not in settings.names:
            raise Forbidden
        return Actor(id=who.id, only=EXTERNAL_ACTIONS)

    return authenticate
