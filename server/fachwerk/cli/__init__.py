# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Commands of an installation: `fachwerk serve | worker | migrate | keys | audit | idp | org | scim | demo | ...`."""

import asyncio

import typer

from .audit import app as audit
from .idp import app as idp
from .org import app as org
from .scim import app as scim

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Chat, files and video meetings.")
app.add_typer(audit, name="audit")
app.add_typer(idp, name="idp")
app.add_typer(org, name="org")
app.add_typer(scim, name="scim")


@app.command()
def serve() -> None:
    """Serve the API, the sockets and the web client."""
    from . import processes  # noqa: PLC0415

    processes.serve()


@app.command()
def worker() -> None:
    """Run background jobs."""
    from . import processes  # noqa: PLC0415

    processes.work()


@app.command()
def migrate() -> None:
    """Bring the database to the state that this release needs."""
    from fachwerk.kernel.log import configure  # noqa: PLC0415
    from fachwerk.migrations import upgrade  # noqa: PLC0415
    from fachwerk.settings import load  # noqa: PLC0415

    settings = load()
    configure(settings.log_level, as_json=settings.log_json)
    upgrade(settings.database)


@app.command()
def keys() -> None:
    """Make the secrets that the settings name and nobody has made yet; say where they are."""
    from fachwerk.settings import load  # noqa: PLC0415

    from .keys import make_keys  # noqa: PLC0415

    for path in make_keys(load()):
        typer.echo(f"made {path}")


@app.command()
def doctor() -> None:
    """Ask every part that the settings name whether it works; say what to do about each that does not."""
    from fachwerk.kernel.log import configure  # noqa: PLC0415
    from fachwerk.settings import load  # noqa: PLC0415

    from .doctor import examine  # noqa: PLC0415

    configure("CRITICAL", as_json=False)
    findings = asyncio.run(examine(load()))
    for part, well, text in findings:
        typer.echo(f"{'ok  ' if well else 'FAIL'}  {part:<10}{text}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


@app.command("demo")
def demo_() -> None:
    """Run a whole demo ministry on this machine: keys, database, people, server, worker, media."""
    from fachwerk.cli.demo import run  # noqa: PLC0415

    run()


@app.command()
def openapi() -> None:
    """Print the description of the API (OpenAPI 3.1)."""
    from fachwerk.app import ANSWERS, MODULES  # noqa: PLC0415
    from fachwerk.kernel.openapi import document  # noqa: PLC0415

    typer.echo(document(MODULES, ANSWERS))


@app.command()
def permissions() -> None:
    """Print who may do what, as tables for auditors."""
    from fachwerk.app import MODULES  # noqa: PLC0415
    from fachwerk.kernel.policy import Policy  # noqa: PLC0415

    from .permissions import lines  # noqa: PLC0415

    for line in lines(Policy(rule for module in MODULES for rule in module.rules)):
        typer.echo(line)


def main() -> None:
    """Entry point."""
    app()
