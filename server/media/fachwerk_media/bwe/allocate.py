# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Which layer of which picture fits into a budget. Audio is taken off before and never paused."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

Key = TypeVar("Key")
HEADROOM = 1.10
"""A layer above the current one must fit with this to spare."""
PAUSED = -1
SCREEN, CAMERA = 0, 1
"""Ranks: what is kept first."""


class Wanted(NamedTuple, Generic[Key]):
    """One subscribed picture."""

    key: Key
    rank: int
    """SCREEN before CAMERA."""
    width: int
    """Shown width in pixels; larger first."""
    rates: list[float]
    """Measured bit/s of each layer, lowest first; 0 is not being sent."""
    limit: int
    """Highest layer the client asked for."""
    current: int
    """Layer now, PAUSED if none."""

    def layers(self) -> list[int]:
        """Layers that could be sent: those asked for, else the lowest there is."""
        active = [layer for layer, rate in enumerate(self.rates) if rate > 0]
        return [layer for layer in active if layer <= self.limit] or active[:1]


class Allocation(NamedTuple, Generic[Key]):
    """The decision."""

    layers: dict[Key, int]
    used: float
    """Sum of the rates, bit/s."""
    lacking: float
    """Additional rate of the first upgrade that did not fit, 0 if nothing is lacking."""


def allocate(budget: float, wanted: list[Wanted[Key]], *, may_rise: bool) -> Allocation[Key]:
    """First everybody's lowest layer, then upgrades; both in order of rank, then width.

    may_rise: without it no picture gets more than it has now.
    """
    order = sorted(wanted, key=lambda w: (w.rank, -w.width))
    layers: dict[Key, int] = {}
    used = lacking = 0.0

    def fits(want: Wanted[Key], layer: int, add: float) -> bool:
        rises = layer > want.current
        price = add * (HEADROOM if layer > max(want.current, 0) else 1.0)
        return used + price <= budget and (may_rise or not rises)

    for want in order:
        choice = want.layers()
        layers[want.key] = PAUSED
        if not choice:
            continue
        add = want.rates[choice[0]]
        if fits(want, choice[0], add):
            layers[want.key] = choice[0]
            used += add
        else:
            lacking = lacking or add
    for want in order:
        layer = layers[want.key]
        if layer == PAUSED:
            continue
        for higher in want.layers():
            if higher <= layer:
                continue
            add = want.rates[higher] - want.rates[layer]
            if not fits(want, higher, add):
                lacking = lacking or add
                break
            used += add
            layer = higher
        layers[want.key] = layer
    return Allocation(layers, used, lacking)
