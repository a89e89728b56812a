# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the homeserver must know of us (Application Service API, "Registration")."""

import json
import re

from .ids import BOT, GHOST


def registration(server_name: str, url: str, as_token: str, hs_token: str) -> str:
    """The registration file, YAML. Every value is a JSON string, which YAML reads as such."""
    server = re.escape(server_name).replace("\\-", "-")
    lines = [
        f"id: {BOT}",
        f"url: {json.dumps(url)}",
        f"as_token: {json.dumps(as_token)}",
        f"hs_token: {json.dumps(hs_token)}",
        f"sender_localpart: {BOT}",
        "# sends what whole ministries write; how fast is the business of its window",
        "rate_limited: false",
        "receive_ephemeral: false",
        "namespaces:",
        "  users:",
        f"    - {{exclusive: true, regex: {json.dumps(f'^@{GHOST}[0-9a-f]+:{server}$')}}}",
        "  aliases:",
        f"    - {{exclusive: true, regex: {json.dumps(f'^#{GHOST}[0-9a-f]+:{server}$')}}}",
        "  rooms: []",
    ]
    return "\n".join(lines) + "\n"
