# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What an operator may know of rooms: numbers, no room and nobody."""

from prometheus_client import Counter

ENDED = Counter("fachwerk_places_ended", "Places in rooms and invitations whose time was over")
