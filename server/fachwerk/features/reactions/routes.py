# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Reactions over HTTP."""

from fachwerk.kernel.http import Call
from fachwerk.kernel.operation import route

from . import service


async def add(call: Call) -> None:
    """React to a message."""
    emoji = str(call.request.path_params["emoji"])
    await service.add(call.work, call.policy, call.actor, call.id("message"), emoji)


async def remove(call: Call) -> None:
    """Take a reaction back."""
    emoji = str(call.request.path_params["emoji"])
    await service.remove(call.work, call.policy, call.actor, call.id("message"), emoji)


ROUTES = [
    route("PUT", "/api/v1/messages/{message}/reactions/{emoji}", add, action="message.react"),
    route("DELETE", "/api/v1/messages/{message}/reactions/{emoji}", remove, action="message.react"),
]
