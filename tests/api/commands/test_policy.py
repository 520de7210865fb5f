"""`winnow policy` as an operator types it."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import main
from api.moderation.policy.reading.defaults import TEXT

HOLD_ALL = "# for a while\nnote: all\nmode: pre\n"
BROKEN = "note: a\nrules:\n- word: b\n  do: holf\nprofil: strict\n"
FAULTS = [
    "4: /rules/0/do: Must be one of: reject, hold, flag, approve, replace.",
    "5: /profil: Unknown field. Did you mean “profile”?",
]
UNMET = "examples:\n- text: Thank you for this.\n  expect: reject\n"
SITE = ("--site", "gazette")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A home of its own, with two sites, and the place where files are."""
    for name in [name for name in os.environ if name.startswith("WINNOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WINNOW_READER", "none")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    for name in ("gazette", "elsewhere"):
        assert CliRunner().invoke(main, ("site", "create", name)).exit_code == 0


def winnow(*given: str, text: str | bytes = "") -> Result:
    return CliRunner().invoke(main, ("policy", *given), input=text)


def write(text: str) -> str:
    Path("policy.yaml").write_text(text)
    return "policy.yaml"


def test_the_defaults_are_a_beginning(tmp_path: Path) -> None:
    shown = winnow("show", *SITE)

    assert shown.stdout == TEXT
    assert winnow("check", write(shown.stdout)).stdout == "policy.yaml: no faults.\n"
    assert winnow("apply", *SITE, "policy.yaml").stdout == "Version 1 is in force.\n"


def test_a_policy_is_put_listed_and_brought_back() -> None:
    first = winnow("apply", *SITE, write(HOLD_ALL))
    second = winnow("apply", *SITE, "-", text="note: open again")

    assert first.stdout == "Version 2 is in force.\n"
    assert second.stdout == "Version 3 is in force.\n"
    assert winnow("show", *SITE).stdout == "note: open again"
    assert winnow("show", *SITE, "--version", "2").stdout == HOLD_ALL
    assert winnow("restore", *SITE, "2").stdout == (
        "Version 4 is in force; it says what version 2 said.\n"
    )
    lines = [line.split(maxsplit=3) for line in winnow("versions", *SITE).stdout.splitlines()]
    assert [line[0] for line in lines] == ["4", "3", "2", "1"]
    assert [line[3] for line in lines] == [
        "command line  all",
        "command line  open again",
        "command line  all",
        "winnow",
    ]
    assert winnow("show", "--site", "elsewhere").stdout == TEXT


def test_checking_needs_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    text = UNMET.replace("reject", "approve")

    assert winnow("check", write(text)).stdout == "policy.yaml: no faults; 1 example as expected.\n"
    assert winnow("check", "-", text="mode: pre").stdout == "-: no faults.\n"


@pytest.mark.parametrize("command", [("check",), ("apply", *SITE), ("apply", *SITE, "--force")])
def test_faults_are_told_with_file_and_line(command: tuple[str, ...]) -> None:
    for file, text in ((write(BROKEN), ""), ("-", BROKEN)):
        result = winnow(*command, file, text=text)

        assert result.exit_code == 1
        assert result.stdout.splitlines() == [f"{file}:{fault}" for fault in FAULTS]
        assert result.stderr == "Error: 2 faults.\n"
    assert winnow("versions", *SITE).stdout.count("\n") == 1


def test_an_example_that_comes_out_otherwise_is_told_and_can_be_forced() -> None:
    checked, applied = winnow("check", write(UNMET)), winnow("apply", *SITE, "policy.yaml")

    for result in (checked, applied):
        assert result.exit_code == 1
        assert result.stdout.startswith(
            "policy.yaml:3: /examples/0/expect: Must reject, but would approve"
        )
    assert applied.stderr == "Error: 1 fault. Mend it, or use --force.\n"
    forced = winnow("apply", *SITE, "--force", "policy.yaml")
    assert forced.stdout == "Version 2 is in force.\n"


def test_a_file_for_an_older_version_is_refused() -> None:
    winnow("apply", *SITE, "--version", "1", write(HOLD_ALL))

    stale = winnow("apply", *SITE, "--version", "1", write("mode: closed"))

    assert stale.exit_code == 1
    assert stale.stderr == "Error: The policy has changed since: version 2 is in force.\n"
    assert winnow("show", *SITE).stdout == HOLD_ALL


@pytest.mark.parametrize(
    ("given", "text", "said"),
    [
        (("check", "none.yaml"), b"", "none.yaml cannot be read: No such file or directory."),
        (("check", "."), b"", "cannot be read: Is a directory."),
        (("check", "-"), b"note: a\nmode: \xff", "-:2: a policy is text in UTF-8."),
        (("check", "-"), b"#" * (4 * 1024 * 1024 + 1), "1 fault."),
        (("show", "--site", "nowhere"), b"", "There is no site called 'nowhere'."),
        (("show", *SITE, "--version", "7"), b"", "There is no version 7 of the policy."),
        (("restore", *SITE, "7"), b"", "There is no version 7 of the policy."),
        (("apply", "--site", "nowhere", "-"), b"{}", "There is no site called 'nowhere'."),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(
    given: tuple[str, ...], text: bytes, said: str
) -> None:
    result = winnow(*given, text=text)

    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
