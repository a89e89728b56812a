# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Whole processes under faults: what is killed, cut or stalled, and what must hold afterwards."""
