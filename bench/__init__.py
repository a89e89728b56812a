# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Benchmarks: load from outside, figures as tables and JSON, beside a peer where there is one. They judge nothing."""
