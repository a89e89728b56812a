# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The media server: forwards the sound and pictures of a meeting between browsers, speaking LiveKit's signalling."""
