# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Settings of calls."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from fachwerk.kernel.settings import Folder, Section


class CallSettings(Section):
    """Where the media server answers: our own process or a LiveKit cluster, which speak the same."""

    engine: Literal["builtin", "livekit"] = Field(default="builtin", description="whose the server is")
    url: str = Field(default="ws://127.0.0.1:7880", description="as browsers reach it")
    api_url: str = Field(default="http://127.0.0.1:7880", description="as this server reaches it")
    api_key: str = "fachwerk"
    api_secret_file: Folder = Path("var/keys/media.secret")
    token_minutes: float = Field(default=10, gt=0, le=10)
