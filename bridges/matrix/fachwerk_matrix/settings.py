# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""All settings, from the environment: FACHWERK_BRIDGE_SERVER_NAME=... and so on. A secret is the path of a file."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "FACHWERK_BRIDGE_"


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


Secret = Annotated[Path, AfterValidator(_absolute)]
"""A file that holds a secret, made absolute when it is read."""


class Settings(BaseSettings):
    """One bridge: one ministry."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True)

    server_name: str = Field(description="the ministry's Matrix server name, as in its users' ids")
    homeserver_url: str = Field(description="client API of that homeserver, without a path")
    fachwerk_url: str = Field(default="http://127.0.0.1:8480", description="Fachwerk's address, without a path")
    token_file: Secret = Field(description="the token that Fachwerk knows as FACHWERK_FEDERATION__TOKEN_FILE")
    as_token_file: Secret = Field(description="what we show the homeserver")
    hs_token_file: Secret = Field(description="what the homeserver shows us")
    url: str = Field(default="http://127.0.0.1:8490", description="where the homeserver reaches this process")
    host: str = "127.0.0.1"
    port: int = Field(default=8490, ge=1, le=65535)
    database_url: str = Field(default="sqlite+aiosqlite:///var/bridge.db", description="the bridge's own; may be lost")
    file_max_bytes: int = Field(default=100 * 1024 * 1024, gt=0, description="a larger file is named, not carried")
    window: int = Field(default=40, ge=1, le=50, description="events of a room on their way without a receipt")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


def load() -> Settings:
    """The settings of this process. Raises SystemExit with a sentence per fault."""
    try:
        return Settings.model_validate({})
    except ValidationError as error:
        faults = (f"{PREFIX}{'__'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        raise SystemExit("\n".join(faults)) from error


def secret(path: Path) -> str:
    """The content of a secret's file, without its last line break. Raises SystemExit with a sentence."""
    try:
        text = path.read_text().strip()
    except OSError as error:
        raise SystemExit(f"cannot read the secret {path}: {error.strerror}") from error
    if not text:
        raise SystemExit(f"the secret {path} is empty")
    return text
