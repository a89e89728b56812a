# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Settings of federation. Without a token's file it is off."""

from typing import Self

from pydantic import Field, model_validator

from fachwerk.kernel.settings import Folder, Section, machine_token

from .names import SERVER_NAME


class PeerSettings(Section):
    """Another ministry. server: its Matrix server name. name: as people here call it."""

    server: str = Field(pattern=SERVER_NAME)
    name: str = Field(min_length=1, max_length=100)


class FederationSettings(Section):
    """With whom rooms may be shared, and how the bridge shows who it is."""

    server_name: str = Field(default="", description="our own Matrix server name")
    token_file: Folder | None = Field(default=None, description="the bridge's token; none: federation is off")
    peers: tuple[PeerSettings, ...] = Field(default=(), description="JSON list of {server, name}; nobody else gets in")

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        servers = [peer.server for peer in self.peers]
        if len(set(servers)) != len(servers) or self.server_name in servers:
            msg = "a server stands among the peers twice, or is our own"
            raise ValueError(msg)
        return self

    @property
    def names(self) -> dict[str, str]:
        """Names of the other ministries by server; none while federation is off."""
        return {peer.server: peer.name for peer in self.peers} if self.token_file else {}

    def token(self) -> str | None:
        """The bridge's token. Raises SystemExit with a sentence if it cannot be read or could be guessed."""
        return machine_token(self.token_file, "the bridge") if self.token_file else None
