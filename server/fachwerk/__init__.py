# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Fachwerk: chat, files and video meetings for state employees."""
