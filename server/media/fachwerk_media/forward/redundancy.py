# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""How many earlier payloads an audio packet carries for one receiver: follows its loss."""

from __future__ import annotations

ONE_FROM_LOSS, TWO_FROM_LOSS = 0.02, 0.06
NONE_BELOW_LOSS = 0.005
CALM_S = 10.0
"""This long below NONE_BELOW_LOSS before it is switched off."""
RATE_LEAST = 250e3
"""bit/s; a link narrower than this has no room for it."""


class Policy:
    """The decision for one receiver."""

    def __init__(self, from_loss: float = ONE_FROM_LOSS) -> None:
        """from_loss: share lost from which one earlier payload is added; 0 adds it always."""
        self._from_loss = from_loss
        self._blocks = 0
        self._calm_since: float | None = None

    def update(self, loss: float, rate: float, now: float) -> int:
        """Blocks for the next packets: 0, 1 or 2. loss: share of packets, rate: estimate in bit/s."""
        if rate < RATE_LEAST:
            self._blocks, self._calm_since = 0, None
        elif loss >= TWO_FROM_LOSS:
            self._blocks, self._calm_since = 2, None
        elif loss >= self._from_loss:
            self._blocks, self._calm_since = max(self._blocks, 1), None
        elif loss < NONE_BELOW_LOSS and self._blocks:
            self._calm_since = now if self._calm_since is None else self._calm_since
            if now - self._calm_since >= CALM_S:
                self._blocks, self._calm_since = 0, None
        else:
            self._calm_since = None
        return self._blocks
