# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Runs Synapse where every name below .localhost is this machine, without DNS or /etc/hosts.

Same arguments as synapse.app.homeserver; runs in Synapse's own virtual environment.
"""

import socket
from typing import Any

_resolve = socket.getaddrinfo


def _here(host: Any, *rest: Any, **more: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else host
    local = isinstance(name, str) and (name == "localhost" or name.endswith(".localhost"))
    return _resolve("127.0.0.1" if local else host, *rest, **more)


if __name__ == "__main__":
    # before anything that would keep the old one is imported
    socket.getaddrinfo = _here
    from synapse.app.homeserver import main

    main()
