# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Prometheus metrics of the frame. No label ever carries a person, a room or a device."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("fachwerk_http_requests", "HTTP requests", ["route", "status"])
REQUEST_SECONDS = Histogram(
    "fachwerk_http_request_seconds",
    "Seconds per HTTP request",
    ["route"],
    buckets=(0.005, 0.02, 0.1, 0.5, 2, 10),
)
SOCKETS = Gauge("fachwerk_ws_sockets", "WebSockets open now")
SOCKETS_CLOSED = Counter("fachwerk_ws_closed", "WebSockets closed by us", ["reason"])
COMMANDS = Counter("fachwerk_ws_commands", "Commands received on WebSockets", ["command", "outcome"])
EVENTS = Counter("fachwerk_events", "Durable events committed", ["kind"])
DELIVERIES = Counter("fachwerk_deliveries", "Events written to sockets")
FILLS = Counter("fachwerk_hole_fills", "Holes in a sequence filled from the database")
BUS_UP = Gauge("fachwerk_bus_up", "1 while other processes are heard on the bus; 0 without a bus")
BUS_SENT = Counter("fachwerk_bus_sent", "Events and signals handed to the bus")
BUS_RECEIVED = Counter("fachwerk_bus_received", "Events and signals heard on the bus")
BUS_DROPPED = Counter("fachwerk_bus_dropped", "Not carried by the bus; the database has the events", ["reason"])
BATCH_SIZE = Histogram("fachwerk_batch_size", "Sends per group commit", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 500))
BATCH_SECONDS = Histogram(
    "fachwerk_batch_seconds", "Seconds per group commit", buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3)
)
LOOP_LAG = Gauge("fachwerk_loop_lag_seconds", "How late the event loop came to its last tick, seconds")
JOBS = Counter("fachwerk_jobs", "Background jobs run", ["job", "outcome"])
REFUSALS = Counter("fachwerk_refusals", "Requests refused", ["problem"])
AUDITED = Counter("fachwerk_audit_entries", "Acts noted in the audit trail", ["action"])
SEAL_SECONDS = Histogram(
    "fachwerk_audit_seal_seconds",
    "Seconds that a transaction waits for the end of the audit chain and writes there",
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 5),
)
