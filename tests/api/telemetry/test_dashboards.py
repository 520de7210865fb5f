"""The dashboard, the alerts and the docs speak of the metrics that there are, and of no others."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from api.telemetry import counters, metricnames
from tests.conftest import ON_SQLITE
from tests.factories import submit

DOCS = Path(__file__).parents[3] / "docs"
RULES = DOCS / "deploy" / "alerts.yaml"
SERIES = {series for name in metricnames.NAMES for series in name.series}
BY_NAME = {name.name: name for name in metricnames.NAMES}


def used(expression: str) -> set[str]:
    """The series that an expression names, without the job's own `up`."""
    return set(re.findall(r"\bwinnow_\w+", expression))


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCS / "deploy" / "grafana.json").read_text())
    return found


def panels() -> list[dict[str, Any]]:
    return [one for one in dashboard()["panels"] if one["type"] != "row"]


def rules() -> list[dict[str, Any]]:
    return [
        rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]
    ]


def expressions() -> Iterator[str]:
    for panel in panels():
        yield from (target["expr"] for target in panel["targets"])


def test_names_are_those_that_prometheus_takes_and_each_is_there_once() -> None:
    names = [one.name for one in metricnames.NAMES]

    assert len(set(names)) == len(names)
    for one in metricnames.NAMES:
        assert re.fullmatch(r"winnow_[a-z][a-z_]*[a-z]", one.name)
        assert one.kind in ("counter", "gauge", "histogram")
        assert one.meaning.endswith(".")
        # A counter's own name gets it from Prometheus.
        assert not one.name.endswith("_total")


@ON_SQLITE
def test_what_is_told_is_what_is_named(client: FlaskClient, backend: FlaskClient) -> None:
    submit(backend)
    counters.LIMITER_FALLBACK.labels("server").set(0)
    for counted, label in (
        (counters.SHED, "full"),
        (counters.DECISIONS, "approve"),
        (counters.DELIVERIES, "delivered"),
        (counters.SIGN_IN_FAILURES, "wrong"),
        (counters.OPINIONS, "given"),
    ):
        counted.labels(label)

    families = text_string_to_metric_families(client.get("/metrics").text)
    # The library's own: when each counter began, where one process counts alone.
    told = [family for family in families if not family.name.endswith("_created")]

    for family in told:
        name = BY_NAME[family.name]
        assert (family.type, family.documentation) == (name.kind, name.meaning)
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(name.labels), sample
    # Nobody has asked for a second stage here.
    expected = set(BY_NAME) - {metricnames.SECOND_STAGE.name}
    assert {family.name for family in told} == expected


def test_the_docs_have_every_metric_with_its_kind_labels_and_meaning() -> None:
    text = (DOCS / "operations.md").read_text()
    row = re.compile(r"^\| `(winnow_\w+)` \| (\w+) \| (.*?) \| (.*?) \|$", re.M)
    listed = {name: (kind, labels, meaning) for name, kind, labels, meaning in row.findall(text)}

    assert listed == {
        one.name: (one.kind, ", ".join(f"`{label}`" for label in one.labels), one.meaning)
        for one in metricnames.NAMES
    }


@pytest.mark.parametrize("expression", list(expressions()))
def test_a_panel_asks_for_what_there_is(expression: str) -> None:
    assert used(expression)
    assert used(expression) <= SERIES


def test_all_that_there_is_is_on_the_dashboard() -> None:
    shown = set().union(*(used(expression) for expression in expressions()))

    missing = [one.name for one in metricnames.NAMES if not shown & set(one.series)]
    assert missing == []


def test_the_dashboard_can_be_drawn() -> None:
    board = dashboard()
    numbers = [one["id"] for one in board["panels"]]
    taken: set[tuple[int, int]] = set()

    assert len(set(numbers)) == len(numbers)
    assert [one["title"] for one in board["panels"] if one["type"] == "row"] == [
        "Traffic",
        "Latency",
        "Verdicts and decisions",
        "Queue",
        "Jobs and webhooks",
        "Classifier",
        "Database and host",
        "Limits",
    ]
    for panel in board["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
    variables = {one["name"] for one in board["templating"]["list"]}
    for panel in panels():
        assert panel["datasource"]["uid"] == "${datasource}"
        assert panel["fieldConfig"]["defaults"]["unit"]
        for target in panel["targets"]:
            named = set(re.findall(r"\$(?!__)(\w+)", target["expr"]))
            assert named <= variables


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_watches_what_there_is_and_says_what_to_do(rule: dict[str, Any]) -> None:
    assert used(rule["expr"]) <= SERIES
    assert used(rule["expr"]) or "up{" in rule["expr"]
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert {"summary", "runbook"} <= set(rule["annotations"])
    assert rule["annotations"]["runbook"].endswith(".")


def test_endpoints_that_are_named_exist() -> None:
    from api.web.auth import PERMISSIONS

    every = [*expressions(), *(rule["expr"] for rule in rules())]
    for expression in every:
        for pattern in re.findall(r'endpoint=~?"([^"]+)"', expression):
            assert any(re.fullmatch(pattern, name) for name in PERMISSIONS), pattern


@pytest.mark.skipif(shutil.which("promtool") is None, reason="install Prometheus for promtool")
def test_prometheus_takes_the_alerts() -> None:
    command = ["promtool", "check", "rules", str(RULES)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
