# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Helm, and the chart rendered in the ways that houses differ."""

import subprocess
from pathlib import Path

import pytest

from tests.deploy.chart import ROOT, Helm, Object
from tests.stack.component import START_S

VARIANTS: dict[str, tuple[str, ...]] = {
    "gateway": (),
    "ingress": ("exposure.kind=ingress", "exposure.ingressClassName=public", "exposure.tlsSecretName=tls"),
    "no way in": ("exposure.kind=none",),
    "openshift": ("openshift=true", "userNamespaces=false"),
    "one of each": ("api.replicas=1", "worker.replicas=1"),
    "load balancer": ("media.exposure=LoadBalancer", "media.addresses={192.0.2.7}"),
    "no media": ("media.enabled=false",),
    "own authority": ("trust.configMap=authorities", "networkPolicy.monitoringNamespace=monitoring"),
    "slow end": ("api.drainWindowSeconds=600", "media.leaveSeconds=3600"),
    "no directory": ("login.directory=false", "login.acr=mfa", "exposure.proxies={10.0.0.0/8}"),
    "bus": ("bus.url=tls://nats.bus.svc:4222", "bus.user=fachwerk", "trust.configMap=authorities"),
    "plans in the web": ("login.organisation=true",),
    "pushed people": ("scim.enabled=true", "scim.departments=true"),
    "bridge": (
        "federation.serverName=ministerium.example",
        "federation.peers[0].server=anderes.example",
        "federation.peers[0].name=Anderes Ministerium",
        "bridge.enabled=true",
        "bridge.homeserver=https://matrix.ministerium.example",
    ),
}
"""As --set takes them, by name."""


@pytest.fixture(scope="session")
def helm() -> Helm:
    """Built on first use; a machine that cannot build it fails."""
    script = ROOT / "tests/stack/helm.sh"
    done = subprocess.run([script, "install"], capture_output=True, text=True, timeout=START_S, check=False)
    assert done.returncode == 0, done.stderr
    return Helm(Path(done.stdout.strip()))


@pytest.fixture(scope="session", params=VARIANTS)
def variant(request: pytest.FixtureRequest, helm: Helm) -> list[Object]:
    """The chart as one house would render it."""
    return helm.render(*VARIANTS[request.param])


@pytest.fixture(scope="session")
def rendered(helm: Helm) -> list[Object]:
    """The chart as ten lines render it."""
    return helm.render()
