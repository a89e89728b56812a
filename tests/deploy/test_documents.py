# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What operators are told is what the programs and the chart know."""

import re
from typing import Any

import pytest
import yaml

from fachwerk.settings import load
from fachwerk_media.settings import Settings as MediaSettings
from tests.deploy.chart import CHART, MINISTRY, ROOT, Helm, pods
from tests.deploy.conftest import VARIANTS

INSTALL = (ROOT / "docs/operations/install.md").read_text()
KUBERNETES = (ROOT / "docs/operations/kubernetes.md").read_text()
SETTING = re.compile(r"^    ([A-Z_]+)=(\S+)$", re.MULTILINE)


def test_the_settings_of_an_installation_by_hand_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    told = dict(SETTING.findall(INSTALL))
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    settings = load(told)
    assert settings.identity.provider == "oidc"
    assert settings.operations.drain_window_s > 0
    assert told.pop("FACHWERK_MEDIA_API_SECRET_FILE") == str(settings.calls.api_secret_file)
    monkeypatch.delenv("FACHWERK_MEDIA_API_SECRET_FILE")
    assert MediaSettings.model_validate({"api_secret": "x" * 32}).origins == (settings.http.origin,)


def test_the_keys_of_the_secret_are_those_that_pods_ask_for(helm: Helm) -> None:
    rows = [line.split("|")[1] for line in KUBERNETES.splitlines() if line.startswith("| `")]
    told = {key for row in rows for key in re.findall(r"`([a-z-]+\.[a-z-]+)`", row)}
    asked = {
        item["key"]
        for sets in VARIANTS.values()
        for _, pod in pods(helm.render(*sets))
        for volume in pod["volumes"]
        for item in volume.get("secret", {}).get("items", ())
    }
    assert told == asked


def test_the_values_that_documents_name_exist() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    sections = "|".join(name for name, section in values.items() if isinstance(section, dict))
    text = "\n".join(line for line in KUBERNETES.splitlines() if not line.startswith("|"))
    named = re.findall(rf"`((?:{sections})(?:\.[A-Za-z]+)+)(?:: [^`]+)?`", text)
    assert len(named) > 5
    for path in named:
        found: Any = values
        for name in path.split("."):
            assert name in found, path
            found = found[name]


def test_the_example_says_nothing_that_is_not_needed(helm: Helm) -> None:
    example = yaml.safe_load(MINISTRY.read_text())
    for name in example:
        without = helm.template(f"{name}=null")
        assert without.returncode != 0, name
