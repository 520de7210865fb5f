"""What docs/deploy and the Dockerfile say is true: settings, commands, times and limits."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from api import BATCH_BODIES
from api.cli import main
from api.serving import stopping
from api.serving.arriving import LINE_BYTES
from api.settings import Settings
from api.web.pages import live
from tests.reliability.reverse import find, write

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
FILES = [ROOT / "Dockerfile", ROOT / "docs" / "deploying.md", *sorted(DEPLOY.iterdir())]
EVERY = {f"WINNOW_{name.upper()}" for name in Settings.__slots__}
COMMANDS = set(main.commands)
UNITS = ["winnow.service", "winnow-worker.service"]


@pytest.mark.parametrize("file", FILES, ids=lambda one: one.name)
def test_every_setting_that_is_named_exists(file: Path) -> None:
    named = set(re.findall(r"\bWINNOW_[A-Z_]+", file.read_text()))
    assert named <= EVERY, named - EVERY


@pytest.mark.parametrize("name", UNITS)
def test_a_units_command_exists_and_what_it_allows_is_enough(name: str) -> None:
    unit = (DEPLOY / name).read_text()
    found = re.search(r"^ExecStart=/opt/winnow/bin/winnow (\w+)(.*)$", unit, re.M)
    assert found is not None
    assert found[1] in COMMANDS
    options = {option for one in main.commands[found[1]].params for option in one.opts}
    assert set(re.findall(r"--[a-z-]+", found[2])) <= options
    stop = int(re.search(r"^TimeoutStopSec=(\d+)$", unit, re.M)[1])  # type: ignore[index]
    assert stop > stopping.GRACEFUL_SECONDS + drain_seconds()
    for line in ("DynamicUser=yes", "NoNewPrivileges=yes", "ProtectSystem=strict"):
        assert f"\n{line}\n" in unit


def drain_seconds() -> int:
    found = re.search(r"^WINNOW_DRAIN_SECONDS=(\d+)$", (DEPLOY / "winnow.env").read_text(), re.M)
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_a_unit_and_thinks_well_of_it(name: str, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed")
    unit = tmp_path / name
    text = (DEPLOY / name).read_text()
    unit.write_text(text.replace("/opt/winnow/bin/winnow", "/bin/true"))
    verified = subprocess.run([program, "verify", str(unit)], capture_output=True, text=True)
    if "Failed to" in verified.stderr:
        pytest.skip("systemd cannot look at units here")
    assert verified.stderr == ""
    assert verified.returncode == 0
    judged = subprocess.run(
        [program, "security", "--offline=true", "--threshold=20", "--no-pager", str(unit)],
        capture_output=True,
        text=True,
    )
    assert judged.returncode == 0, judged.stdout[-500:]


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("nginx", ["-t"]),
        ("haproxy", ["-c"]),
        ("caddy", []),
    ],
)
def test_a_proxy_understands_its_file(name: str, check: list[str], tmp_path: Path) -> None:
    program = find(name)
    if program is None:
        pytest.skip(f"{name} is not installed")
    command, _ = write(name, tmp_path, (8000, 8001))
    rest = ["validate", *command[2:]] if name == "caddy" else [*check, *command[1:]]
    found = subprocess.run(
        [program, *rest], capture_output=True, text=True, env={"HOME": str(tmp_path)}
    )
    assert found.returncode == 0, found.stderr
    assert "WARNING" not in found.stderr
    assert "[warn]" not in found.stderr


def seconds(text: str, pattern: str) -> int:
    found = re.search(pattern + r"\D*?(\d+)s", text)
    assert found is not None, pattern
    return int(found[1])


def test_proxies_close_idle_connections_first_and_wait_long_enough() -> None:
    nginx, haproxy, caddy = (
        (DEPLOY / name).read_text() for name in ("nginx.conf", "haproxy.cfg", "Caddyfile")
    )
    for text, pattern in (
        (nginx, "keepalive_timeout"),
        (haproxy, "timeout http-keep-alive"),
        (caddy, "keepalive "),
    ):
        assert seconds(text, pattern) < stopping.KEEPALIVE_SECONDS
    streamed = nginx.partition("/moderate/live")[2]
    assert seconds(streamed, "proxy_read_timeout") > live.BEAT_SECONDS
    assert seconds(haproxy, "timeout server") > live.BEAT_SECONDS
    for text, pattern in ((nginx, r"client_max_body_size (\d+)m"), (caddy, r"max_size (\d+)MB")):
        found = re.search(pattern, text)
        assert found is not None
        assert int(found[1]) * 10**6 > BATCH_BODIES * 1024 * 1024
    assert LINE_BYTES <= 8 * 1024


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def ours(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in compose["services"].items() if one.get("image") == "winnow"}


def test_compose_has_two_servers_a_worker_a_database_a_cache_and_a_proxy(
    compose: dict[str, Any],
) -> None:
    assert [(name, one["command"][0]) for name, one in ours(compose).items()] == [
        ("migrate", "init"),
        ("server-1", "serve"),
        ("server-2", "serve"),
        ("worker", "worker"),
    ]
    assert {one["command"][0] for one in ours(compose).values()} <= COMMANDS
    images = {one["image"].partition(":")[0] for one in compose["services"].values()}
    assert {"postgres", "valkey/valkey", "caddy"} < images


def test_compose_hides_its_secrets_and_starts_servers_on_a_migrated_database(
    compose: dict[str, Any],
) -> None:
    for name, one in ours(compose).items():
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert one["env_file"] == "winnow.env"
        assert "environment" not in one
        assert "ports" not in one
        grace = int(one["stop_grace_period"].removesuffix("s"))
        assert grace > stopping.GRACEFUL_SECONDS + drain_seconds()
        if name != "migrate":
            done = {"condition": "service_completed_successfully"}
            assert one["depends_on"]["migrate"] == done
    assert (
        "${POSTGRES_PASSWORD" in compose["services"]["database"]["environment"]["POSTGRES_PASSWORD"]
    )
    for name in ("database", "valkey"):
        assert compose["services"][name]["healthcheck"]["test"]
    # On its socket the image's database answers while it is made, too.
    assert "--host" in compose["services"]["database"]["healthcheck"]["test"]


def test_composes_proxy_finds_the_servers_by_name(compose: dict[str, Any]) -> None:
    command = compose["services"]["proxy"]["command"][0]
    before, after = re.search(r"s/([^/]+)/([^/]+)/", command).groups()  # type: ignore[union-attr]
    assert before in (DEPLOY / "Caddyfile").read_text()
    assert [one.partition(":")[0] for one in after.split()] == ["server-1", "server-2"]
    assert {"server-1", "server-2"} <= set(compose["services"])


def test_the_image_has_a_user_a_health_check_and_extras_that_exist() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER \d+$", text, re.M)
    assert "curl" not in text
    extras = re.search(r"'\.\[([a-z,]+)\]'", text)
    assert extras is not None
    wanted = set(extras[1].split(","))
    assert wanted <= set(re.findall(r"^([a-z]+) =$", (ROOT / "setup.cfg").read_text(), re.M))
    check = re.search(r'CMD \\\n +\["python", "-c", "(.*)"\]', text)
    assert check is not None
    ast.parse(check[1])
    version = re.search(r"^FROM python:3\.(\d+)-slim", text, re.M)
    assert version is not None
    assert 11 <= int(version[1]) <= 13


def test_what_is_copied_into_the_image_is_there_and_no_more() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    wanted = [one.removeprefix("!") for one in lines if one.startswith("!")]
    assert lines[1] == "*"
    assert set(wanted) == {
        *("api", "classifier", "setup.cfg", "setup.py", "pyproject.toml", "README.md", "LICENSE")
    }
    assert all((ROOT / one).exists() for one in wanted)


def test_the_images_check_is_red_while_nothing_answers() -> None:
    text = (ROOT / "Dockerfile").read_text()
    check = re.search(r'CMD \\\n +\["python", "-c", "(.*)"\]', text)
    assert check is not None
    nobody = check[1].replace("127.0.0.1:8000", "127.0.0.1:1")
    assert subprocess.run([sys.executable, "-c", nobody], capture_output=True).returncode == 1
