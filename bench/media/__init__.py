# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The media benchmark: a load generator for any server that speaks LiveKit's protocol. See __main__.py."""
