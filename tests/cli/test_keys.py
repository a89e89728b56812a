# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk keys`: secrets that no two installations share, and that nobody else can read."""

from pathlib import Path

from typer.testing import CliRunner

from fachwerk.cli import app

SECRET_MIN_BYTES = 32


def install(folder: Path) -> tuple[str, dict[str, bytes]]:
    """A new installation, or the same one again: (what is said, its secrets by name)."""
    settings = {
        "FACHWERK_FILES__MASTER_KEY_FILE": str(folder / "master.key"),
        "FACHWERK_CALLS__API_SECRET_FILE": str(folder / "media.secret"),
    }
    done = CliRunner().invoke(app, ["keys"], env=settings)
    assert done.exit_code == 0, done.output
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())
    return done.output, {path.name: path.read_bytes() for path in folder.iterdir()}


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    _, one = install(tmp_path / "one")
    _, two = install(tmp_path / "two")
    assert one.keys() == two.keys() == {"master.key", "media.secret"}
    secrets = [*one.values(), *two.values()]
    assert len(set(secrets)) == len(secrets)
    assert all(len(secret) >= SECRET_MIN_BYTES for secret in secrets)


def test_what_is_there_stays_and_nothing_is_told(tmp_path: Path) -> None:
    said, before = install(tmp_path / "one")
    _, after = install(tmp_path / "one")
    assert after == before
    assert all(secret.decode("latin-1").strip() not in said for secret in before.values())
