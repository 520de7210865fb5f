"""What the README quotes of the example site is what the example site does."""

import re

from .visitor import APP

README = APP.parents[2] / "README.md"


def test_the_quoted_lines_stand_in_the_example_site():
    chapter = README.read_text().split("## Call it from your backend")[1].split("\n## ")[0]
    [quote] = re.findall(r"```python\n(.+?)```", chapter, re.DOTALL)
    assert quote in APP.read_text()
    assert 20 < quote.count("\n") < 40
