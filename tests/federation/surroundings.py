# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What an installation with a bridge needs around it: tokens, the registration, settings of server and bridge."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fachwerk_matrix.registration import registration
from tests.stack.component import Synapse, free_ports

TOKENS = ("fachwerk", "as", "hs")


@dataclass(slots=True)
class Surroundings:
    """Of one ministry. folder: for its tokens. origin: of its Fachwerk. bridge_database_url: of its bridge."""

    folder: Path
    synapse: Synapse
    origin: str
    bridge_database_url: str
    bridge_address: str = ""

    def __post_init__(self) -> None:
        self.bridge_address = f"http://127.0.0.1:{free_ports(1)}"
        for name in TOKENS:
            (self.folder / f"{name}.token").write_text(secrets.token_urlsafe(32))
        text = registration(self.synapse.server_name, self.bridge_address, self.token("as"), self.token("hs"))
        path = self.folder / "registration.yaml"
        path.write_text(text)
        self.synapse.register(path)

    def token(self, name: str) -> str:
        """One of its secrets: fachwerk, as or hs."""
        return (self.folder / f"{name}.token").read_text()

    def server(self, others: Mapping[str, str]) -> dict[str, str]:
        """Settings of its Fachwerk. others: names of the other ministries by server name."""
        self.synapse.befriend(*others)
        return {
            "FACHWERK_FEDERATION__SERVER_NAME": self.synapse.server_name,
            "FACHWERK_FEDERATION__TOKEN_FILE": str(self.folder / "fachwerk.token"),
            "FACHWERK_FEDERATION__PEERS": json.dumps([{"server": s, "name": n} for s, n in others.items()]),
        }

    def bridge(self) -> dict[str, str]:
        """Settings of its bridge."""
        return {
            "FACHWERK_BRIDGE_SERVER_NAME": self.synapse.server_name,
            "FACHWERK_BRIDGE_HOMESERVER_URL": f"http://127.0.0.1:{self.synapse.port}",
            "FACHWERK_BRIDGE_FACHWERK_URL": self.origin,
            "FACHWERK_BRIDGE_TOKEN_FILE": str(self.folder / "fachwerk.token"),
            "FACHWERK_BRIDGE_AS_TOKEN_FILE": str(self.folder / "as.token"),
            "FACHWERK_BRIDGE_HS_TOKEN_FILE": str(self.folder / "hs.token"),
            "FACHWERK_BRIDGE_URL": self.bridge_address,
            "FACHWERK_BRIDGE_PORT": self.bridge_address.rpartition(":")[2],
            "FACHWERK_BRIDGE_DATABASE_URL": self.bridge_database_url,
        }
