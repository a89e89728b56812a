# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What operators are told is what these tests run with."""

import re
from pathlib import Path

import yaml

from tests.federation.ministry import Ministry

MANUAL = Path(__file__).parents[2] / "docs/operations/federation.md"
OWN = {"federation_domain_whitelist", "federation"}
"""Names of servers, and pauses after an outage: a test has its own."""


def test_synapse_is_set_up_here_as_the_manual_says(north: Ministry) -> None:
    (told,) = re.findall(r"```yaml\n(.*?)```", MANUAL.read_text(), re.DOTALL)
    said = yaml.safe_load(told)
    used = yaml.safe_load((north.synapse.data / "homeserver.yaml").read_text())
    assert said.keys() >= OWN
    assert {name: used.get(name) for name in said.keys() - OWN} == {name: said[name] for name in said.keys() - OWN}
