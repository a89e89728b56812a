# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""From one publisher to many subscribers: which packets, in which layer, under which numbers."""
