"""What is said of packages with known vulnerabilities."""

from tests.auditing import judge


def test_a_vulnerable_package_is_named_and_counts() -> None:
    vulnerable = {"id": "PYSEC-2026-1", "fix_versions": ["1.1"]}
    packages = [
        {"name": "fine", "version": "2", "vulns": []},
        {"name": "old", "version": "1.0", "vulns": [vulnerable]},
        {"name": "unknown", "skip_reason": "not on the index"},
    ]

    sentence, bad = judge(packages)

    assert bad == 1
    assert "old 1.0: PYSEC-2026-1, mended in ['1.1']" in sentence
    assert "2 packages audited, 1 vulnerable; of 1 the index here" in sentence
