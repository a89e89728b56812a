# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""All settings, from the environment: FACHWERK_MEDIA_PORT=7880 and so on; a secret also from the file *_FILE names."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "FACHWERK_MEDIA_"
SECRET_LEAST_BYTES = 32
"""RFC 7518 section 3.2: an HS256 key has at least the size of the hash."""
FILE_SUFFIX = "_FILE"
List = Annotated[tuple[str, ...], NoDecode]
"""Written with commas."""


class Settings(BaseSettings):
    """One media process. Frozen; an unknown FACHWERK_MEDIA_* variable is refused."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field(default="127.0.0.1", description="Address signalling, RoomService, health and metrics listen on.")
    port: int = Field(default=7880, ge=0, le=65535, description="Its TCP port; 0 takes a free one.")
    udp_port: int = Field(default=7882, ge=0, le=65535, description="Media over UDP; 0 takes a free one.")
    tcp_port: int = Field(
        default=7881, ge=0, le=65535, description="Media over TCP where UDP is blocked; 0 takes a free one."
    )
    udp: bool = Field(default=True, description="False serves media over TCP only.")
    addresses: List = Field(default=(), description="Addresses to serve media on. Empty: all of the host's own.")
    announced: List = Field(
        default=(), description="Further addresses under which a NAT makes the first of them reachable."
    )
    api_key: str = Field(default="fachwerk", min_length=1, description="Issuer of the tokens, as in LiveKit.")
    api_secret: SecretStr = Field(description="Key of the tokens, at least 32 bytes. No default.")
    origins: List = Field(
        default=(), description="Web origins allowed to connect (https://host). The own one always is."
    )
    webhook_url: str = Field(default="", description="Where room and participant events are posted. Empty: nowhere.")
    token_lifetime_max_s: int = Field(
        default=21600, ge=60, description="Tokens valid for longer are refused; so long is a removal remembered."
    )
    resume_s: float = Field(default=15.0, ge=0, description="A participant without signalling is kept for this long.")
    departure_s: float = Field(default=20.0, ge=0, description="An empty room is kept for this long.")
    leave_s: float = Field(
        default=0.0, ge=0, description="At SIGTERM open rooms may go on for this long; nobody opens a new one."
    )
    drain_s: float = Field(
        default=5.0, ge=0, description="Then clients and webhooks get this long to take their leave."
    )
    rooms_limit: int = Field(default=1000, ge=1, description="Rooms at once.")
    participants_limit: int = Field(default=200, ge=1, description="Participants in one room.")
    tracks_limit: int = Field(default=16, ge=1, description="Tracks one participant publishes.")
    loudest: int = Field(default=5, ge=1, description="Microphones forwarded at once where more are open.")
    redundancy_from_loss: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="Share of packets lost from which a receiver gets redundant audio; 1 is never.",
    )
    log_level: str = Field(
        default="info", pattern="^(debug|info|warning|error)$", description="Least important line logged."
    )

    @field_validator("addresses", "announced", "origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("addresses", "announced")
    @classmethod
    def _is_address(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            ipaddress.ip_address(address)
        return value

    @field_validator("origins")
    @classmethod
    def _is_origin(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query:
                raise ValueError(f"{origin} is not an origin like https://chat.example.org")
        return value

    @field_validator("webhook_url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"http", "https"}:
            raise ValueError("not an http or https URL")
        return value

    @field_validator("api_secret")
    @classmethod
    def _is_long(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value().encode()) < SECRET_LEAST_BYTES:
            raise ValueError(f"shorter than {SECRET_LEAST_BYTES} bytes")
        return value

    @model_validator(mode="before")
    @classmethod
    def _known(cls, values: Any) -> Any:
        """Take secrets from files and refuse names nobody reads: a typing error must not pass for a default."""
        if not isinstance(values, dict):
            return values
        for name, value in os.environ.items():
            if not name.startswith(PREFIX):
                continue
            field = name.removeprefix(PREFIX).lower()
            if field == f"api_secret{FILE_SUFFIX.lower()}":
                values.setdefault("api_secret", Path(value).read_text(encoding="utf-8").strip())
            elif field not in cls.model_fields:
                raise ValueError(f"unknown setting {name}")
        return values
