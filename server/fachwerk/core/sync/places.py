# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a socket's person belongs to, and what of it their sign-in suffices for."""

from collections.abc import Mapping

from fachwerk.kernel.policy import Facts

from .socket import Socket


async def places_of(socket: Socket) -> Mapping[str, Facts]:
    """Audiences and what the policy needs of each; read again if that has changed before it could be used."""
    while True:
        known, places = socket.changes, dict[str, Facts]()
        async with socket.context.database.read() as work:
            for module in socket.context.modules:
                if module.watch:
                    places |= await module.watch(work, socket.actor)
        if socket.changes == known:
            return places


def open_to(socket: Socket, places: Mapping[str, Facts]) -> Mapping[str, Facts]:
    """Those of these places that no label shuts to this sign-in."""
    return {name: facts for name, facts in places.items() if facts.label not in socket.shut}
