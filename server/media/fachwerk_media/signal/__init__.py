# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""LiveKit's signalling over WebSocket: joining, negotiating, requests. Both generations, /rtc/v1 and /rtc."""
