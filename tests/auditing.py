"""Asks which installed packages have known vulnerabilities: `make check` runs it.

Without the network, or where the package index knows of no advisories, it says so and lets the
rest go on: who is offline can still check the code.
"""

import json
import subprocess
import sys
from typing import Any

COMMAND = ["pip_audit", "--skip-editable", "--format", "json", "--progress-spinner", "off"]
WAIT_SECONDS = 300


def main() -> None:
    """Print what was found; exit 1 when a package is vulnerable."""
    try:
        asked = subprocess.run(
            [sys.executable, "-m", *COMMAND], capture_output=True, text=True, timeout=WAIT_SECONDS
        )
        packages = json.loads(asked.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError):
        print("Advisories could not be asked for: no package was audited.")
        return
    sentence, bad = judge(packages)
    print(sentence)
    sys.exit(bad)


def judge(packages: list[dict[str, Any]]) -> tuple[str, int]:
    """What to say of pip-audit's list, and how many packages are vulnerable."""
    skipped = sum("skip_reason" in one for one in packages)
    bad = [one for one in packages if one.get("vulns")]
    lines = [
        f"{one['name']} {one['version']}: {vuln['id']}, mended in {vuln['fix_versions'] or '-'}"
        for one in bad
        for vuln in one["vulns"]
    ]
    counted = f"{len(packages) - skipped} packages audited, {len(bad)} vulnerable"
    unknown = f"; of {skipped} the index here knows no advisories" if skipped else ""
    return "\n".join([*lines, f"{counted}{unknown}."]), len(bad)


if __name__ == "__main__":
    main()
