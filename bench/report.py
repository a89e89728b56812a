# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a benchmark has found out: a table for people, JSON for comparing over time."""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

FOLDER = Path("build/bench")


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One measured value. peer, peer_value: the same measured beside us with another program.

    metric: dotted name that stays the same over time ("chat.msgs_per_s"). case: what was loaded and
    how ("sqlite-8x50"). unit: of both values.
    """

    metric: str
    case: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours by theirs; None without a peer. Whether more is better depends on the metric."""
        return self.value / self.peer_value if self.peer_value else None


def report(name: str, figures: Sequence[Figure], *, folder: Path = FOLDER, keep: bool = False) -> None:
    """Print a table and write folder/name.json: a list of figures with their ratio.

    An earlier file of that name is replaced. keep: but for the figures in it that were not measured anew. Times of a
    busy machine say little: the load of the last minute stands above the table.
    """
    rows = [
        (
            figure.metric,
            figure.case,
            _digits(figure.value),
            figure.unit,
            figure.peer or "",
            _digits(figure.peer_value),
            _digits(figure.ratio),
        )
        for figure in figures
    ]
    head = ("metric", "case", "value", "unit", "peer", "peer value", "ratio")
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    print(f"\n{name}: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for row in [head, tuple("-" * width for width in widths), *rows]:
        cells = (
            cell.rjust(width) if column in {2, 5, 6} else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join(cells).rstrip())
    folder.mkdir(parents=True, exist_ok=True)
    entries = [msgspec.to_builtins(figure) | {"ratio": figure.ratio} for figure in figures]
    if keep and (folder / f"{name}.json").exists():
        measured = {(figure.metric, figure.case) for figure in figures}
        earlier = msgspec.json.decode((folder / f"{name}.json").read_bytes())
        entries = [one for one in earlier if (one["metric"], one["case"]) not in measured] + entries
    (folder / f"{name}.json").write_bytes(msgspec.json.format(msgspec.json.encode(entries)) + b"\n")


def _digits(value: float | None) -> str:
    """Three significant digits, whole from a hundred on."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
