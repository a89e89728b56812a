# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Every setting of an installation: environment `FACHWERK_...`, nested names joined by two underscores.

Unknown names are refused, so a typo cannot pass.
"""

import os
from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url

from fachwerk.core.files.settings import FileSettings
from fachwerk.core.identity.settings import IdentitySettings
from fachwerk.core.rooms.settings import RoomSettings
from fachwerk.core.sync.settings import BusSettings, SyncSettings
from fachwerk.features.about.settings import AboutSettings
from fachwerk.features.calls.settings import CallSettings
from fachwerk.features.federation.settings import FederationSettings
from fachwerk.features.guests.settings import GuestSettings
from fachwerk.features.investigations.settings import InvestigationSettings
from fachwerk.features.provisioning.settings import LdapSettings
from fachwerk.features.scim.settings import ScimSettings
from fachwerk.kernel.settings import Folder, Section, secret


class HttpSettings(Section):
    """The server's own front."""

    host: str = "127.0.0.1"
    port: int = Field(default=8480, ge=1, le=65535)
    origin: str = Field(default="http://127.0.0.1:8480", description="the address people type, without a path")
    body_max_bytes: int = Field(default=256 * 1024, gt=0, description="JSON bodies; uploads have their own limit")
    requests_per_s: float = Field(default=50, gt=0, description="per person, in the long run")
    requests_burst: int = Field(default=200, gt=0, description="per person, at once")
    web_dir: Folder | None = Field(default=None, description="the built web client; none: API only")


class OperationsSettings(Section):
    """What operators and orchestrators need: a port of their own, and time for an orderly end."""

    host: str = "127.0.0.1"
    port: int | None = Field(
        default=None, ge=1, le=65535, description="/healthz, /readyz and /metrics of a server or worker; none: no port"
    )
    drain_delay_s: float = Field(
        default=0, ge=0, description="from SIGTERM on /readyz says no, and for so long everything else goes on"
    )
    drain_window_s: float = Field(
        default=0, ge=0, description="then WebSockets are sent elsewhere (1012), evenly over this time"
    )
    drain_requests_s: int = Field(default=5, ge=1, description="then requests get this long to finish")


class Settings(BaseSettings):
    """The whole installation."""

    model_config = SettingsConfigDict(
        env_prefix="FACHWERK_", env_nested_delimiter="__", frozen=True, extra="forbid", validate_default=True
    )

    database_url: str = "sqlite+aiosqlite:///var/fachwerk.db"
    database_password_file: Folder | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_json: bool = True
    http: HttpSettings = HttpSettings()
    operations: OperationsSettings = OperationsSettings()
    sync: SyncSettings = SyncSettings()
    bus: BusSettings = BusSettings()
    identity: IdentitySettings = IdentitySettings()
    rooms: RoomSettings = RoomSettings()
    files: FileSettings = FileSettings()
    calls: CallSettings = CallSettings()
    federation: FederationSettings = FederationSettings()
    guests: GuestSettings = GuestSettings()
    investigations: InvestigationSettings = InvestigationSettings()
    about: AboutSettings = AboutSettings()
    ldap: LdapSettings = LdapSettings()
    scim: ScimSettings = ScimSettings()

    @model_validator(mode="after")
    def _one_password(self) -> "Settings":
        if self.database_password_file and make_url(self.database_url).password is not None:
            msg = "the password stands in the database_url and in a database_password_file: leave one out"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _known_attributes(self) -> "Settings":
        if unknown := set(self.ldap.attributes) - set(self.identity.attribute_names):
            msg = f"ldap.attributes names what identity.attributes does not: {', '.join(sorted(unknown))}"
            raise ValueError(msg)
        return self

    @property
    def database(self) -> str:
        """database_url, complete with the password. Raises SystemExit when its file cannot be read."""
        if self.database_password_file is None:
            return self.database_url
        url = make_url(self.database_url).set(password=secret(self.database_password_file))
        return url.render_as_string(hide_password=False)


PREFIX = "FACHWERK_"
OTHERS = ("FACHWERK_MEDIA_", "FACHWERK_BRIDGE_")
"""Settings of the media process and of the bridge, which read their own."""


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises SystemExit with a sentence per fault."""
    given = os.environ if environment is None else environment
    known = {PREFIX + name.upper() for name in _names(Settings, "")}
    unknown = [n for n in sorted(given) if n.startswith(PREFIX) and not n.startswith(OTHERS) and n not in known]
    if unknown:
        raise SystemExit("unknown settings: " + ", ".join(unknown))
    try:
        return Settings()
    except ValidationError as error:
        faults = (f"{PREFIX}{'__'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        raise SystemExit("\n".join(faults)) from error


def _names(section: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, described in section.model_fields.items():
        if isinstance(described.annotation, type) and issubclass(described.annotation, BaseModel):
            yield from _names(described.annotation, f"{prefix}{name}__")
        else:
            yield prefix + name
