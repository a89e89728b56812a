# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The chat benchmark: many sockets on a real server process, on either database. See __main__.py."""
