# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Settings are strict: a typo or a missing secret is one sentence, not a surprise."""

from pathlib import Path

import pytest

from fachwerk.kernel.settings import secret
from fachwerk.settings import load


def test_defaults_are_complete() -> None:
    settings = load({})
    assert settings.http.port == 8480
    assert settings.files.blobs_dir.is_absolute()


@pytest.mark.parametrize("name", ["FACHWERK_HTTP__PROT", "FACHWERK_DATABASE", "FACHWERK_FILES__BLOBS_DIR__X"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(SystemExit, match=f"unknown settings: {name}"):
        load({name: "1"})


def test_names_of_the_media_process_are_its_own() -> None:
    assert load({"FACHWERK_MEDIA_PORT": "1"}).calls.api_url == "http://127.0.0.1:7880"


def test_a_value_that_does_not_fit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACHWERK_HTTP__PORT", "many")
    with pytest.raises(SystemExit, match="FACHWERK_HTTP__PORT: Input should be a valid integer"):
        load()


def test_a_real_login_needs_its_issuer_and_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACHWERK_IDENTITY__PROVIDER", "oidc")
    with pytest.raises(SystemExit, match="needs an issuer and a client_secret_file"):
        load()


@pytest.mark.parametrize(
    "url",
    [
        "nats://nats.example:4222",
        "tls://fachwerk:password@nats.example:4222",
        "tls://nats.example",
        "tls://nats.example:4222/path",
        "tls://nats.example:99999",
        "tls://:4222",
        "nats.example:4222",
        "tls://a.example:4222,nats://b.example:4222",
        "tls://a.example:4222,",
        "tls://[::1:4222",
    ],
)
def test_a_bus_that_cannot_be_or_would_speak_in_clear_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACHWERK_BUS__URL", url)
    with pytest.raises(SystemExit, match="FACHWERK_BUS__URL: ") as refused:
        load()
    assert "password@" not in str(refused.value)


@pytest.mark.parametrize("url", ["nats://127.0.0.1:4222", "nats://[::1]:4222", "tls://a.example:1,tls://b.example:2"])
def test_a_bus_has_a_scheme_a_host_and_a_port(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACHWERK_BUS__URL", url)
    assert load().bus.urls == url.split(",")


def test_a_user_of_the_bus_has_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACHWERK_BUS__USER", "fachwerk")
    with pytest.raises(SystemExit, match=r"bus\.user and bus\.password_file go together"):
        load()


def test_a_secret_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="cannot read the secret"):
        secret(tmp_path / "none")
    (tmp_path / "empty").touch()
    with pytest.raises(SystemExit, match="is empty"):
        secret(tmp_path / "empty")


def test_the_password_of_the_database_comes_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "password").write_text("p@ss/word\n")
    monkeypatch.setenv("FACHWERK_DATABASE_URL", "postgresql+asyncpg://fachwerk@db:5432/fachwerk")
    monkeypatch.setenv("FACHWERK_DATABASE_PASSWORD_FILE", str(tmp_path / "password"))
    settings = load()
    assert settings.database == "postgresql+asyncpg://fachwerk:p%40ss%2Fword@db:5432/fachwerk"
    assert "p@ss" not in repr(settings)
    monkeypatch.setenv("FACHWERK_DATABASE_URL", "postgresql+asyncpg://fachwerk:other@db/fachwerk")
    with pytest.raises(SystemExit, match="leave one out"):
        load()
