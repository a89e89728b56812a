# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What an operator may know of federation: ministries and numbers, no room and nobody."""

from prometheus_client import Counter

OPENED = Counter("fachwerk_federation_opened", "Rooms opened, by us or by them", ["peer"])
CLOSED = Counter("fachwerk_federation_closed", "Rooms closed to a ministry", ["peer"])
REPORTED = Counter("fachwerk_federation_reports", "States reported by the bridge", ["peer", "state", "reachable"])
