# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The chart obeys its rules in every variant, and each rule notices when it does not."""

import copy
from pathlib import Path

import pytest
import yaml

from fachwerk.settings import load
from fachwerk_matrix import settings as bridge
from fachwerk_media.settings import Settings as MediaSettings
from tests.deploy.chart import MINISTRY, Helm, Object, containers, environment, named, pods
from tests.deploy.conftest import VARIANTS
from tests.deploy.rule import Rule
from tests.deploy.rules import RULES

LINES_TO_START = 12
"""Of values, without comments."""
BY_SENTENCE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.sentence)


@BY_SENTENCE
def test_the_chart_obeys(rule: Rule, variant: list[Object]) -> None:
    assert list(rule.broken(variant)) == []


@BY_SENTENCE
def test_a_rule_notices_when_it_is_broken(rule: Rule, rendered: list[Object]) -> None:
    objects = copy.deepcopy(rendered)
    for one in objects:
        rule.break_it(one)
    assert objects != rendered
    assert list(rule.broken(objects)) != []


def test_a_few_lines_start_a_ministry() -> None:
    lines = [line for line in MINISTRY.read_text().splitlines() if line and not line.startswith("#")]
    assert len(lines) <= LINES_TO_START


def test_the_same_values_give_the_same_objects(helm: Helm) -> None:
    assert helm.template().stdout == helm.template().stdout


def test_two_ministries_share_no_name(helm: Helm) -> None:
    one, other = helm.render(release="m1"), helm.render(release="m2")
    names = [{(o["kind"], o["metadata"]["name"]) for o in objects} for objects in (one, other)]
    assert names[0] & names[1] == set()


def test_what_is_gone_from_the_values_is_gone_from_the_cluster(helm: Helm) -> None:
    kinds = {(o["kind"], o["metadata"]["name"]) for o in helm.render("media.enabled=false", "exposure.kind=none")}
    assert not {name for kind, name in kinds if "media" in name}
    assert not {kind for kind, _ in kinds if kind in {"HTTPRoute", "Ingress"}}


def test_servers_workers_and_migrations_read_every_setting_that_they_are_given(
    variant: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = 0
    for workload, _, container in containers(variant):
        if container["name"] in {"media", "bridge"}:
            continue
        told = environment(container)
        with monkeypatch.context() as there:
            for name, value in told.items():
                there.setenv(name, value)
            settings = load(told)
        read += 1
        assert settings.database_url == "postgresql+asyncpg://fachwerk@postgres.databases.svc:5432/fachwerk"
        if workload["kind"] != "Job":
            assert (settings.identity.provider, settings.files.store) == ("oidc", "s3")
            assert settings.http.origin == "https://chat.ministerium.example"
            assert settings.operations.port in {port["containerPort"] for port in container["ports"]}
    assert read == len(["api", "worker", "migrate"])


def test_the_media_process_reads_every_setting_that_it_is_given(
    variant: list[Object], monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    for _, pod, container in containers(variant):
        if container["name"] != "media":
            continue
        told = environment(container)
        assert told.pop("FACHWERK_MEDIA_API_SECRET_FILE") == "/run/secrets/fachwerk/media.secret"
        with monkeypatch.context() as there:
            for name, value in told.items():
                there.setenv(name, value)
            settings = MediaSettings.model_validate({"api_secret": "x" * 32})
        opened = {port["containerPort"] for port in container["ports"]}
        assert {settings.port, settings.udp_port, settings.tcp_port} == opened
        assert settings.leave_s < pod["terminationGracePeriodSeconds"]


def test_the_bridge_reads_every_setting_that_it_is_given(helm: Helm, monkeypatch: pytest.MonkeyPatch) -> None:
    objects = helm.render(*VARIANTS["bridge"])
    ((_, _, container),) = [one for one in containers(objects) if one[2]["name"] == "bridge"]
    told = environment(container)
    known = {bridge.PREFIX + name.upper() for name in bridge.Settings.model_fields}
    assert {name for name in told if name.startswith(bridge.PREFIX)} <= known
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    settings = bridge.load()
    assert settings.server_name == "ministerium.example"
    assert settings.fachwerk_url.startswith("http://m1-api:")
    assert (settings.host, settings.port) == ("0.0.0.0", container["ports"][0]["containerPort"])  # noqa: S104 -- a pod's


def test_servers_speak_to_media_where_it_answers(rendered: list[Object]) -> None:
    told = {container["name"]: environment(container) for _, _, container in containers(rendered)}
    media, api = named(rendered, "Service", "m1-media"), named(rendered, "Service", "m1-api")
    assert told["api"]["FACHWERK_CALLS__API_URL"] == f"http://m1-media:{media['spec']['ports'][0]['port']}"
    assert f"http://m1-api:{api['spec']['ports'][0]['port']}/" in told["media"]["FACHWERK_MEDIA_WEBHOOK_URL"]


def test_another_database_migrates_by_another_job(helm: Helm) -> None:
    def job(*sets: str) -> str:
        (name,) = (o["metadata"]["name"] for o in helm.render(*sets) if o["kind"] == "Job")
        return str(name)

    assert job() == job("ministry=Anderes Ministerium")
    assert len({job(), job("database.host=other.databases.svc"), job(f"images.server.digest=sha256:{64 * '1'}")}) == 3


def test_settings_that_no_value_covers_reach_servers_and_workers(helm: Helm, tmp_path: Path) -> None:
    more = tmp_path / "more.yaml"
    more.write_text("settings: {FACHWERK_IDENTITY__SESSION_HOURS: '8', FACHWERK_FILES__S3__PARTS_IN_MEMORY: '9'}\n")
    objects = helm.render(files=[MINISTRY, more])
    told = {container["name"]: environment(container) for _, _, container in containers(objects)}
    assert told["api"]["FACHWERK_IDENTITY__SESSION_HOURS"] == told["worker"]["FACHWERK_IDENTITY__SESSION_HOURS"] == "8"
    assert told["api"]["FACHWERK_FILES__S3__PARTS_IN_MEMORY"] == "9"
    assert "FACHWERK_IDENTITY__SESSION_HOURS" not in told["migrate"] | told["media"]


def test_pods_of_one_house_can_be_put_on_nodes_of_their_own(helm: Helm) -> None:
    objects = helm.render("media.nodeSelector.pool=media", "media.tolerations[0].key=media")
    chosen = {one["metadata"]["name"]: (pod.get("nodeSelector"), pod.get("tolerations")) for one, pod in pods(objects)}
    assert chosen["m1-media"] == ({"pool": "media"}, [{"key": "media"}])
    assert chosen["m1-api"] == (None, None)


def test_openings_follow_the_addresses(helm: Helm) -> None:
    objects = helm.render(
        "objectStore.endpoint=https://s3.land.example:9000", "login.issuer=https://l.example:8443/realms/m"
    )
    policy = named(objects, "NetworkPolicy", "m1-api")
    ports = {port["port"] for opening in policy["spec"]["egress"] for port in opening["ports"]}
    assert {9000, 8443, 5432, 53, "http"} == ports
    job = named(objects, "NetworkPolicy", "m1-migrate")
    assert {port["port"] for opening in job["spec"]["egress"] for port in opening["ports"]} == {53, 5432}


def test_every_value_has_a_place_in_the_schema_and_in_the_file(helm: Helm) -> None:
    schema = yaml.safe_load((MINISTRY.parents[1] / "fachwerk/values.schema.json").read_text())
    values = yaml.safe_load((MINISTRY.parents[1] / "fachwerk/values.yaml").read_text())
    assert schema["properties"].keys() == values.keys()
    for name, section in values.items():
        if isinstance(section, dict) and name != "settings":
            assert schema["properties"][name]["properties"].keys() >= section.keys(), name
