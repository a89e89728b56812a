# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk scim`: what an operator does about the system that pushes people."""

import asyncio

import typer

from fachwerk.features import scim
from fachwerk.settings import Settings, load

from .database import open_database

app = typer.Typer(no_args_is_help=True, help="People who are pushed by a system of the house.")


@app.callback()
def group() -> None:
    """Let `release` be a word of its own, as long as it is the only one."""


@app.command()
def release() -> None:
    """Forget all that the system said, when it is not used any more: nobody stays barred or named by it."""
    settings = load()
    if settings.scim.token_file:
        raise SystemExit("SCIM is still on, and would begin anew: take FACHWERK_SCIM__TOKEN_FILE away first")
    typer.echo(f"{asyncio.run(_release(settings))} people are the sign-in service's alone again")


async def _release(settings: Settings) -> int:
    async with open_database(settings.database) as database, database.work() as work:
        return await scim.release(work)
