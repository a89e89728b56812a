# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk-bridge run | registration`. Settings come from the environment (settings.py)."""

import asyncio
import gc
import logging
import sys

import structlog
import typer
import uvloop

from .registration import registration as text_of_registration
from .settings import Settings, load, secret

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The bridge to other ministries, over Matrix.")


@app.command()
def run() -> None:
    """Serve until SIGTERM or SIGINT."""
    from .bridge import Bridge  # noqa: PLC0415 -- the registration needs none of its libraries

    settings = load()
    _configure_log(settings)
    gc.collect()
    gc.freeze()  # what is there by now lives as long as the process, and need not be looked at again and again
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(Bridge(settings).run())


@app.command()
def registration() -> None:
    """Print the application service's registration, for the homeserver. It holds both of its secrets."""
    settings = load()
    tokens = secret(settings.as_token_file), secret(settings.hs_token_file)
    typer.echo(text_of_registration(settings.server_name, settings.url, *tokens), nl=False)


def _configure_log(settings: Settings) -> None:
    """One JSON line an event on standard error; no names, no content, no ids of people or rooms."""
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    level = logging.getLevelNamesMapping()[settings.log_level]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    # what libraries say of single requests and events names rooms and people
    logging.basicConfig(handlers=[handler], level=logging.ERROR, force=True)


def main() -> None:
    """Entry point."""
    app()


if __name__ == "__main__":
    main()
