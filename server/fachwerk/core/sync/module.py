# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The sync module."""

from fachwerk.kernel.module import Module
from fachwerk.kernel.operation import SESSION, command

from . import commands

MODULE = Module(
    name="sync",
    commands=[
        command(commands.say_hello, action=SESSION),
        command(commands.subscribe, action=SESSION),
        command(commands.unsubscribe, action=SESSION),
        command(commands.ping, action=SESSION),
    ],
)
