# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The chat benchmark runs; its times are for quiet machines."""

import json
import subprocess
import sys
from pathlib import Path


def test_the_chat_benchmark_runs_and_loses_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.chat", "--quick"], capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(Path("build/bench/chat-quick.json").read_text())
    assert {figure["case"] for figure in figures} == {"sqlite-8x50", "sqlite-200", "pgnats-16"}
    assert all(figure["value"] > 0 for figure in figures)
