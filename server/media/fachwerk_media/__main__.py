# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk-media`: serve until SIGTERM. Settings come from the environment (settings.py)."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

import structlog
import uvloop
from pydantic import ValidationError
from structlog.types import Processor

from fachwerk_media.front import Server
from fachwerk_media.settings import Settings


def configure_log(level: str) -> None:
    """JSON lines on standard error; no content, no names, no addresses. What libraries log goes the same way."""
    json = structlog.processors.JSONRenderer()
    added: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*added, json],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=added, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, json]
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def main() -> None:
    """Serve. Exit code 2 for settings that make no sense, 1 for a port that is taken."""
    try:
        settings = Settings.model_validate({})
    except ValidationError as error:
        print(f"fachwerk-media: {error}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from error
    configure_log(settings.log_level)
    for number in (signal.SIGTERM, signal.SIGINT):
        # the web server catches them, ends in order and raises them once more for whoever was there before it
        signal.signal(number, _end)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(Server(settings).run_until_told())
    except OSError as error:
        print(f"fachwerk-media: {error}", file=sys.stderr)  # noqa: T201
        raise SystemExit(1) from error


def _end(*_: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
