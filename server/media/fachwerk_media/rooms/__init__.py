# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Meetings: who is in, what they publish, who gets it, and what they are told about each other."""
