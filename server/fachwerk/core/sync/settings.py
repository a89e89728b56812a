# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Settings of the sockets and of the bus between processes."""

from urllib.parse import SplitResult, urlsplit

from pydantic import Field, field_validator, model_validator

from fachwerk.core.identity import is_loopback
from fachwerk.kernel.settings import Folder, Section

SUBJECT = r"^[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,7}$"
"""Tokens without the wildcards of NATS."""


class SyncSettings(Section):
    """WebSockets."""

    frame_max_bytes: int = Field(default=1 << 20, gt=0, description="a larger frame closes the socket (1009)")
    sockets_per_person: int = Field(default=20, gt=0, description="in each process")
    commands_per_s: float = Field(default=50, gt=0, description="per person and process, in the long run")
    commands_burst: int = Field(default=200, gt=0, description="per person and process, at once")
    reconcile_s: float = Field(default=0.5, gt=0, description="how often commits of other processes are looked for")


class BusSettings(Section):
    """What several processes tell each other by: a NATS server. Without it they look into the database more often."""

    url: str | None = Field(default=None, description="tls://nats.example:4222, several parted by commas; none: no bus")
    user: str | None = None
    password_file: Folder | None = Field(default=None, description="of the user")
    token_file: Folder | None = Field(default=None, description="instead of a user")
    ca_file: Folder | None = Field(default=None, description="whose certificates to trust; none: as the system does")
    subject: str = Field(default="fachwerk", pattern=SUBJECT, description="one per installation")
    reconcile_s: float = Field(
        default=2.0, gt=0, description="as sync.reconcile_s, while the bus works: only what it lost is found so"
    )

    @property
    def urls(self) -> list[str]:
        """The servers, any of which will do."""
        return self.url.split(",") if self.url else []

    @field_validator("url")
    @classmethod
    def _reachable(cls, url: str | None) -> str | None:
        for one in url.split(",") if url else ():
            parts = urlsplit(one)
            if parts.path or parts.query or parts.fragment or "@" in parts.netloc or not _has_port(parts):
                msg = "a bus is a scheme, a host and a port; no path, no password"
                raise ValueError(msg)
            if parts.scheme != "tls" and not (parts.scheme == "nats" and is_loopback(parts.hostname or "")):
                msg = "a bus must begin with tls:// (nats:// is for loopback only)"
                raise ValueError(msg)
        return url

    @model_validator(mode="after")
    def _complete(self) -> "BusSettings":
        if (self.user is None) != (self.password_file is None):
            msg = "bus.user and bus.password_file go together"
            raise ValueError(msg)
        if self.user is not None and self.token_file is not None:
            msg = "either bus.user or bus.token_file, not both"
            raise ValueError(msg)
        return self


def _has_port(parts: SplitResult) -> bool:
    try:
        return bool(parts.hostname) and parts.port is not None
    except ValueError:  # no number, or none that a port can have
        return False
