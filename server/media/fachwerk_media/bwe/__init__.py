# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""How much a subscriber's downlink carries, and what to send over it. Pure: no sockets, time is passed in (seconds)."""
