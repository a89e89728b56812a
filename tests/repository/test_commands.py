# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The commands that a stranger types first."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
TARGETS = ("start", "test", "check", "fmt", "bench", "docs", "stack", "stack-down")
NEEDED = ("bash", "cat", "dirname", "grep", "ls", "tr")


def test_make_alone_lists_what_can_be_made() -> None:
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True).stdout
    listed = [line.split()[0] for line in said.splitlines()[1:]]
    assert set(TARGETS) <= set(listed)


def test_continuous_integration_runs_the_same_command_as_a_developer() -> None:
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[-1] == "exec make test"


def test_who_may_not_install_reads_what_to_install(tmp_path: Path) -> None:
    for name in NEEDED:
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    somebody = tmp_path / "id"
    somebody.write_text("#!/bin/bash\necho 1000\n")
    somebody.chmod(0o755)
    done = subprocess.run(
        [tmp_path / "bash", ROOT / "tests/stack/system.sh", "install"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert "As root: apt-get install chromium" in done.stderr
