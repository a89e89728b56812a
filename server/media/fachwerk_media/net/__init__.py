# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Datagrams in and out: one port for everybody on every address of the host, over UDP and over TCP."""
