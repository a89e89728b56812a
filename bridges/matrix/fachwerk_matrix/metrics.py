# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Prometheus metrics. No label carries a person, a room or anything they wrote."""

from prometheus_client import Counter, Gauge

TRANSACTIONS = Counter("fachwerk_bridge_transactions", "Transactions of the homeserver", ["outcome"])
EVENTS_IN = Counter("fachwerk_bridge_events_in", "Matrix events taken", ["outcome"])
EVENTS_OUT = Counter("fachwerk_bridge_events_out", "Events sent to Matrix", ["outcome"])
WALKS = Counter("fachwerk_bridge_walks", "Times a room's history was read to fill holes", ["reason"])
FOUND = Counter("fachwerk_bridge_walk_found", "Events that no transaction had brought")
WAITING_OUT = Gauge("fachwerk_bridge_waiting_out", "Events not yet sent to the homeserver")
WAITING_IN = Gauge("fachwerk_bridge_waiting_in", "Matrix events not yet taken")
SET_ASIDE = Gauge("fachwerk_bridge_set_aside", "Matrix events and transactions that could not be taken")
FACHWERK_UP = Gauge("fachwerk_bridge_fachwerk_up", "1 while the socket to Fachwerk is open")
HOMESERVER_UP = Gauge("fachwerk_bridge_homeserver_up", "1 while the homeserver answers")
FAILURES = Counter("fachwerk_bridge_failures", "Steps that failed and will be tried again", ["part"])
