# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Figures that can be compared over time need the same seven fields in every file."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.report import Figure, report


def test_a_report_is_a_table_and_a_list_of_seven_fields(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report(
        "example",
        [
            Figure(metric="chat.msgs_per_s", case="sqlite-8x50", value=6812.4, unit="1/s"),
            Figure(
                metric="media.cpu_us_per_packet",
                case="4x50",
                value=8.4,
                unit="us",
                peer="livekit-server 1.13.5",
                peer_value=10.5,
            ),
        ],
        folder=tmp_path / "new",
    )

    ours, beside = json.loads((tmp_path / "new/example.json").read_text())
    assert ours == {
        "metric": "chat.msgs_per_s",
        "case": "sqlite-8x50",
        "value": 6812.4,
        "unit": "1/s",
        "peer": None,
        "peer_value": None,
        "ratio": None,
    }
    assert beside["ratio"] == pytest.approx(0.8)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("example: ")
    assert lines[2].split() == ["metric", "case", "value", "unit", "peer", "peer", "value", "ratio"]
    assert lines[4].split() == ["chat.msgs_per_s", "sqlite-8x50", "6,812", "1/s"]
    assert lines[5].split()[-2:] == ["10.5", "0.8"]


def test_what_was_not_measured_anew_is_kept_on_demand(tmp_path: Path) -> None:
    def figure(case: str, value: float) -> Figure:
        return Figure(metric="directory.plan_s", case=case, value=value, unit="s")

    def values() -> list[tuple[str, float]]:
        return [(one["case"], one["value"]) for one in json.loads((tmp_path / "example.json").read_text())]

    report("example", [figure("a", 1), figure("b", 2)], folder=tmp_path)
    report("example", [figure("b", 3), figure("c", 4)], folder=tmp_path, keep=True)
    assert values() == [("a", 1), ("b", 3), ("c", 4)]
    report("example", [figure("c", 5)], folder=tmp_path)
    assert values() == [("c", 5)]


def test_an_unknown_benchmark_is_refused_with_the_names_of_the_known() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "nosuch"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "chat" in done.stderr
