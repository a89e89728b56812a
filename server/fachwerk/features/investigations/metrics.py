# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is counted of investigations; nobody is named."""

from prometheus_client import Counter

STEPS = Counter("fachwerk_investigation_steps", "What was done in investigations", ["step"])
