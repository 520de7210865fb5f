"""Plain data as YAML that reads back as the same."""

import re
from typing import Any

import yaml

from api.moderation.policy.reading.lines import NUMBER

_BASE: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_BASE):  # type: ignore[misc]
    """Quotes what YAML 1.1 or 1.2 could take for something else than text."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write out in full what is there twice."""
        return True


_NUMBER = re.compile(rf"{NUMBER.pattern}\Z")
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("-+.0123456789"))


def write_plain(plain: dict[str, Any]) -> str:
    """Write a mapping as YAML, its fields in the order they have."""
    text: str = yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return text
