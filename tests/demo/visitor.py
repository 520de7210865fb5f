"""A visitor of the example site, and where that site is."""

import html
import re
from pathlib import Path

APP = Path(__file__).parents[2] / "docs" / "example-site" / "app.py"
URL = "/articles/a-17"


class Visitor:
    """Somebody with a browser of their own."""

    def __init__(self, site):
        self.browser = site.app.test_client()

    def read(self):
        return self.browser.get(URL).get_data(as_text=True)

    def post(self, **changes):
        stamp = re.search(r'name="stamp" value="([^"]+)"', self.read())[1]
        form = {
            "comment": "Lovely article.",
            "name": "Ada",
            "email": "ada@secret.example",
            "website": "",
            "subject": "",
            "stamp": html.unescape(stamp),
        }
        headers = {"User-Agent": "TestBrowser/1.0"}
        return self.browser.post(URL, data=form | changes, headers=headers)
