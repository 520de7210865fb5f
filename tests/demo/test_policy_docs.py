"""What the documentation says of policies can be used as it stands there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import marshmallow as ma
import pytest
from click.testing import CliRunner

from api.cli import main
from api.moderation.policy.reading import read_policy
from api.moderation.policy.reading.schema import SCHEMA
from api.web.auth import PERMISSIONS

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "policy.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def names(shape: Any) -> Iterator[str]:
    """All fields of a policy, at any depth."""
    if isinstance(shape, ma.fields.Nested):
        shape = shape.schema
    if isinstance(shape, ma.Schema):
        for name, field in shape.load_fields.items():
            yield field.data_key or name
            yield from names(field)
    elif isinstance(shape, ma.fields.List):
        yield from names(shape.inner)
    elif isinstance(shape, ma.fields.Dict):
        yield from names(shape.value_field)


def test_the_recommended_policy_passes_the_check_with_the_shipped_model() -> None:
    result = CliRunner().invoke(main, ["policy", "check", str(DOCS / "policy-example.yaml")])

    assert (result.exit_code, result.stderr) == (0, ""), result.stdout
    assert result.stdout.endswith(": no faults; 13 examples as expected.\n")


@pytest.mark.parametrize("block", BLOCKS)
def test_what_is_shown_can_be_read(block: str) -> None:
    assert read_policy(block).plain


def test_every_field_is_explained_and_shown() -> None:
    shown = {word for block in BLOCKS for word in re.findall(r"[\w]+(?=:)", block)}
    shown |= set(re.findall(r"`(?:\w+\.)?(\w+)`", TEXT))

    assert sorted(set(names(SCHEMA)) - shown) == []


def test_every_call_and_its_role_is_told() -> None:
    roles = dict(re.findall(r"\| `\w+ (/v1/policy[^`]*)` \| (\w+) \|", TEXT))
    lines = [line for line in TEXT.splitlines() if re.match(r"\| `\w+ /v1/policy", line)]

    assert len(lines) == sum(name.startswith("policy.") for name in PERMISSIONS)
    assert "| `PUT /v1/policy` | admin |" in TEXT
    assert roles["/v1/policy/check"] == PERMISSIONS["policy.check"] == "moderator"
    assert roles["/v1/policy/versions/{n}/restore"] == PERMISSIONS["policy.restore"] == "admin"


@pytest.mark.parametrize("name", re.findall(r"\]\(([\w-]+\.(?:md|yaml))\)", TEXT))
def test_what_is_referred_to_is_there(name: str) -> None:
    assert (DOCS / name).is_file()
