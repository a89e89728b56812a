# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Settings of the login."""

import ipaddress
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from fachwerk.kernel.settings import Folder, Section

from .attributes import ATTRIBUTES_MAX, PersonAttribute


class FurtherProvider(Section):
    """Another OpenID provider whose people may sign in, beside the house's own."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$", description="a word for its addresses here")
    title: str = Field(min_length=1, max_length=80, description="what the sign-in page calls it")
    issuer: str
    client_id: str = "fachwerk"
    client_secret_file: Folder

    @field_validator("issuer")
    @classmethod
    def _reachable(cls, url: str) -> str:
        return _encrypted(url)


class IdentitySettings(Section):
    """The OpenID provider. `demo` is our own, for loopback only."""

    provider: Literal["demo", "oidc"] = "demo"
    issuer: str | None = Field(default=None, description="e.g. https://login.example/realms/ministry")
    client_id: str = "fachwerk"
    client_secret_file: Folder | None = None
    demo_password_file: Folder = Path("var/keys/demo.password")
    admin_client_id: str = "fachwerk-directory"
    admin_client_secret_file: Folder | None = Field(
        default=None, description="of the client that reads Keycloak's people; none: whoever is disabled there stays"
    )
    org_client_id: str = "fachwerk-organisation"
    org_client_secret_file: Folder | None = Field(
        default=None,
        description="of the client that changes Keycloak's people and groups when an administrator has a plan "
        "carried out; none: `fachwerk org` does that only",
    )
    admin_url: str | None = Field(default=None, description="Keycloak as this server reaches it; default: as browsers")
    poll_s: float = Field(default=2, gt=0, le=60, description="how often Keycloak is asked what changed")
    reconcile_s: float = Field(default=900, gt=0, description="how often everybody is compared with Keycloak")
    departments: Literal["provider", "scim"] = Field(
        default="provider",
        description="who says where people belong of whom SCIM tells: the provider's groups, or SCIM",
    )
    further: tuple[FurtherProvider, ...] = Field(
        default=(), max_length=20, description="further providers, as JSON: name, title, issuer, client_secret_file"
    )
    ask_again_s: float = Field(
        default=300, gt=0, description="how often the provider is asked whether a sign-in still holds"
    )
    attributes: tuple[PersonAttribute, ...] = Field(
        default=(),
        max_length=ATTRIBUTES_MAX,
        description="attributes of people that are taken over for rules about who is in a room, as JSON: name, de, en, "
        "rules (heads or owners)",
    )
    acr: str | None = Field(default=None, description="refuse logins that are weaker than this acr")
    acr_order: tuple[str, ...] = Field(
        default=(), description="every acr of the provider, the weakest first; none: only equal ones suffice"
    )
    step_up: dict[str, str] = Field(
        default={},
        description="the least acr of an action, of all that begin alike (admin.*), or of a label (label:confidential)",
    )
    silent_sign_in: bool = Field(
        default=True, description="who is signed in at the provider already comes in without being asked"
    )
    session_hours: float = Field(default=12, gt=0, description="a session ends this long after login")
    idle_hours: float = Field(default=4, gt=0, description="or this long after its last use")

    @field_validator("issuer", "admin_url")
    @classmethod
    def _reachable(cls, url: str | None) -> str | None:
        return url if url is None else _encrypted(url)

    @model_validator(mode="after")
    def _ranked(self) -> "IdentitySettings":
        wanted = {*self.step_up.values()} | ({self.acr} if self.acr is not None else set())
        if self.acr_order and (unknown := wanted - set(self.acr_order)):
            msg = f"not in acr_order: {', '.join(sorted(unknown))}"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _distinct(self) -> "IdentitySettings":
        for what in ("name", "issuer"):
            named = [getattr(provider, what) for provider in self.further]
            if len({*named, self.issuer}) <= len(named):
                msg = f"two providers with the same {what}"
                raise ValueError(msg)
        return self

    @field_validator("attributes")
    @classmethod
    def _named_once(cls, attributes: tuple[PersonAttribute, ...]) -> tuple[PersonAttribute, ...]:
        if len({one.name.lower() for one in attributes}) < len(attributes):
            msg = "two attributes with the same name"
            raise ValueError(msg)
        return attributes

    @property
    def attribute_names(self) -> tuple[str, ...]:
        """What the provider calls the attributes that are taken over."""
        return tuple(one.name for one in self.attributes)

    def as_strong_as(self, acr: str) -> tuple[str, ...]:
        """The acr that suffice where this one is wanted, the weakest first."""
        return self.acr_order[self.acr_order.index(acr) :] if self.acr_order else (acr,)

    @model_validator(mode="after")
    def _complete(self) -> "IdentitySettings":
        if self.provider == "oidc" and not (self.issuer and self.client_secret_file):
            msg = "login by OpenID Connect needs an issuer and a client_secret_file"
            raise ValueError(msg)
        for name in ("admin_client_secret_file", "org_client_secret_file"):
            if getattr(self, name) and "/realms/" not in (self.issuer or ""):
                msg = f"an {name} needs the issuer of a Keycloak realm (.../realms/NAME)"
                raise ValueError(msg)
        return self


def _encrypted(url: str) -> str:
    if url.startswith("https://") or is_loopback_url(url):
        return url
    msg = "this address must begin with https:// (http:// is for loopback only)"
    raise ValueError(msg)


def is_loopback_url(url: str) -> bool:
    """Whether this is an http or https address that never leaves the machine."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and is_loopback(parts.hostname or "")
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Whether what is sent to this host, a name or an address, never leaves the machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
