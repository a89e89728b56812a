# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Structured logs: one JSON line an event, with a request id and without any content.

Never log what people wrote, named or looked at: ids of requests and jobs, durations, counts and
the names of errors are enough to find a fault.
"""

import logging
import sys

import structlog


def configure(level: str = "INFO", *, as_json: bool = True) -> None:
    """Set up structlog and the standard library's logging to write to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        # Loggers live as long as their modules: one that kept its first settings would not hear of later ones.
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # The access log of the HTTP server would carry paths with ids: we write our own line a request.
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("uvicorn.error").setLevel("WARNING")
    # As would the lines of what we ask Keycloak, every two seconds and with ids of people.
    for name in ("httpx", "httpx2"):
        logging.getLogger(name).setLevel("WARNING")
    # It tells of every attempt to come back, with its whole way through the library; we say once what is away.
    logging.getLogger("asyncpg.pool").setLevel("ERROR")


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger that knows its part of the house."""
    bound: structlog.typing.FilteringBoundLogger = structlog.get_logger(part=name)
    return bound
