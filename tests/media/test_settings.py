# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Settings: strict, frozen, and a secret never shows in an error."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from fachwerk_media.settings import Settings
from tests.media.process import SECRET


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACHWERK_MEDIA_API_SECRET", SECRET)


def read() -> Settings:
    return Settings.model_validate({})


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACHWERK_MEDIA_ADDRESSES", "192.0.2.1, fd00::1")
    monkeypatch.setenv("FACHWERK_MEDIA_ORIGINS", "https://chat.example.org")
    settings = read()
    assert settings.addresses == ("192.0.2.1", "fd00::1")
    assert settings.origins == ("https://chat.example.org",)


def test_the_secret_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET[::-1]}\n")
    monkeypatch.delenv("FACHWERK_MEDIA_API_SECRET")
    monkeypatch.setenv("FACHWERK_MEDIA_API_SECRET_FILE", str(file))
    assert read().api_secret.get_secret_value() == SECRET[::-1]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PROT", "1", "unknown setting FACHWERK_MEDIA_PROT"),
        ("PORT", "70000", "port"),
        ("ADDRESSES", "nowhere", "addresses"),
        ("ORIGINS", "https://chat.example.org/path", "not an origin"),
        ("WEBHOOK_URL", "ftp://x", "http"),
        ("LOG_LEVEL", "loud", "log_level"),
    ],
)
def test_what_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str) -> None:
    monkeypatch.setenv(f"FACHWERK_MEDIA_{name}", value)
    with pytest.raises(ValidationError, match=reason):
        read()


def test_a_short_secret_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACHWERK_MEDIA_API_SECRET", "too-short-to-be-safe")
    with pytest.raises(ValidationError, match="shorter than 32") as refused:
        read()
    assert "too-short-to-be-safe" not in str(refused.value)


def test_there_is_no_default_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FACHWERK_MEDIA_API_SECRET")
    with pytest.raises(ValidationError, match="api_secret"):
        read()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        read().port = 1
