# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is in an image, for whoever has to know: CycloneDX 1.6, without dates, so equal images have equal lists."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deploy.images.debian import Package
from deploy.images.wheels import Wheel


def bill(
    image: str, digest: str, packages: Sequence[Package], wheels: Sequence[Wheel], modules: Sequence[Any]
) -> bytes:
    """The list. modules: (name, version) of what was built into the web client."""
    components = [
        _component(
            one.name, one.version, f"pkg:deb/debian/{quote(one.name)}@{quote(one.version)}?arch={one.architecture}"
        )
        | {"hashes": [{"alg": "SHA-256", "content": one.sha256}]}
        for one in packages
    ]
    components += [_component(one.name, one.version, f"pkg:pypi/{one.name}@{one.version}") for one in wheels]
    components += [_component(name, version, f"pkg:npm/{quote(name)}@{version}") for name, version in modules]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "container", "name": f"fachwerk/{image}", "version": digest}},
        "components": components,
    }
    return json.dumps(document, indent=1, sort_keys=True).encode() + b"\n"


def web_modules(lock: Path) -> list[tuple[str, str]]:
    """(name, version) of what the web client is made of: the lock's packages that are not for development alone."""
    packages = json.loads(lock.read_text())["packages"]
    found = {
        (place.rpartition("node_modules/")[2], str(one["version"]))
        for place, one in packages.items()
        if place and not one.get("dev")
    }
    return sorted(found)


def _component(name: str, version: str, address: str) -> dict[str, Any]:
    return {"type": "library", "name": name, "version": version, "purl": address, "bom-ref": address}
