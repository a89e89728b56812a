# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Real components, started by scripts, for tests, benchmarks and developers."""
