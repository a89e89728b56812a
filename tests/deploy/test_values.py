# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Values that would make trouble later are refused before anything is installed, by a line that names the place."""

from pathlib import Path

import pytest

from tests.deploy.chart import MINISTRY, Helm

REFUSED = {
    "no digest": ("images.server.digest=", "images/server/digest"),
    "a digest that is none": ("images.media.digest=sha256:abc", "images/media/digest"),
    "the latest image": ("images.server.tag=latest", "images/server/tag"),
    "no tag": ("images.server.tag=", "images/server/tag"),
    "no registry": ("images.registry=", "images/registry"),
    "no name": ("host=", "host"),
    "a name with a scheme": ("host=https://chat.ministerium.example", "host"),
    "no secret": ("secretName=", "secretName"),
    "a password in the object store's address": (
        "objectStore.endpoint=https://key:secret@s3.example",
        "objectStore/endpoint",
    ),
    "a password in the issuer's address": ("login.issuer=https://me:secret@login.example/realms/m", "login/issuer"),
    "a bus without TLS": ("bus.url=nats://nats.example:4222", "bus/url"),
    "a bridge without a homeserver": ("bridge.enabled=true", "bridge/homeserver"),
    "a password in the bus' address": ("bus.url=tls://me:secret@nats.example:4222", "bus/url"),
    "an object store without TLS": ("objectStore.endpoint=http://s3.example", "objectStore/endpoint"),
    "an issuer without TLS": ("login.issuer=http://login.example/realms/m", "login/issuer"),
    "a typo": ("databases.host=x", "databases"),
    "a typo inside": ("api.replica=3", "replica"),
    "a typo in a gateway": ("exposure.gateway.names=x", "names"),
    "no replica": ("api.replicas=0", "api/replicas"),
    "words for a number": ("api.replicas=many", "api/replicas"),
    "a gateway without a name": ("exposure.gateway.name=", "exposure/gateway/name"),
    "an ingress without a class": ("exposure.kind=ingress,exposure.tlsSecretName=tls", "exposure/ingressClassName"),
    "a port that nodes do not give": ("media.udpPort=7882", "media/udpPort"),
    "a balancer without an address": ("media.exposure=LoadBalancer", "media/addresses"),
    "no bound of memory": ("api.resources.limits.memory=null", "api/resources/limits"),
    "a setting that is none": ("settings.HTTP__PORT=x", "HTTP__PORT"),
    "a partner that is everybody": ("networkPolicy.database[0]=", "networkPolicy/database"),
}


@pytest.mark.parametrize(("change", "place"), REFUSED.values(), ids=REFUSED.keys())
def test_values_that_do_not_fit_are_refused_by_one_line(helm: Helm, change: str, place: str) -> None:
    done = helm.template(change)
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if line.startswith("- ")]
    assert len(said) == 1, done.stderr
    assert place in said[0].replace("'", "")


def test_a_bridge_without_the_name_of_its_server_is_refused(helm: Helm) -> None:
    done = helm.template("bridge.enabled=true", "bridge.homeserver=https://matrix.ministerium.example")
    assert done.returncode != 0
    assert "federation.serverName: a bridge needs the name of our Matrix server" in done.stderr


def test_a_setting_that_has_a_value_is_not_given_twice(helm: Helm, tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("settings: {FACHWERK_HTTP__PORT: '80'}\n")
    done = helm.template(files=[MINISTRY, tmp_path / "more.yaml"])
    assert done.returncode != 0
    assert "settings.FACHWERK_HTTP__PORT: the chart sets this already" in done.stderr


def test_without_values_every_gap_is_named(helm: Helm, tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("{}\n")
    done = helm.template(files=[tmp_path / "empty.yaml"])
    assert done.returncode != 0
    for name in ("host", "ministry", "registry", "digest", "secretName", "endpoint", "issuer", "gateway"):
        assert name in done.stderr
