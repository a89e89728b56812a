# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The about module: one public route."""

from importlib.metadata import version

from fachwerk.core import files, identity, messages
from fachwerk.kernel.http import Call
from fachwerk.kernel.module import Module
from fachwerk.kernel.operation import PUBLIC, route
from fachwerk.kernel.wire import Wire

from .settings import AboutSettings


class FurtherProvider(Wire):
    """Another sign-in service whose people may come in. name: for `/auth/login?provider=`. title: as it is called."""

    name: str
    title: str


class Config(Wire):
    """Public facts of an installation. demo: anybody on this machine can sign in as anybody.

    silent_sign_in: whoever arrives may be signed in at the provider already, which is worth asking.
    """

    ministry: str
    demo: bool
    silent_sign_in: bool
    further_providers: list[FurtherProvider]
    version: str
    message_max_chars: int
    upload_max_bytes: int


async def read_config(call: Call) -> Config:
    """What this installation is."""
    provider = call.port(identity.IdentitySettings)
    return Config(
        ministry=call.port(AboutSettings).ministry,
        demo=provider.provider == "demo",
        further_providers=[FurtherProvider(name=one.name, title=one.title) for one in provider.further],
        silent_sign_in=provider.provider == "oidc" and provider.silent_sign_in,
        version=version("fachwerk"),
        message_max_chars=messages.TEXT_CHARS,
        upload_max_bytes=call.port(files.FileSettings).upload_max_bytes,
    )


MODULE = Module(
    name="about",
    routes=[route("GET", "/api/v1/config", read_config, action=PUBLIC, transaction="none")],
)
