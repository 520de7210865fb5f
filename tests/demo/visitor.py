"""A visitor of the example site, and where that site is."""

from pathlib import Path

APP = Path(__file__).parents[2] / "docs" / "example-site" / "app.py"
URL = "/"


class Visitor:
    """Somebody with a browser of their own."""

    def __init__(self, site):
        self.site = site
        self.browser = site.app.test_client()

    def read(self):
        return self.browser.get(URL).get_data(as_text=True)

    def post(self, **changes):
        form = {
            "text": "Lovely article.",
            "name": "Ada",
            "email": "ada@secret.example",
            "url": "",
            "token": "a-token",
        }
        headers = {"User-Agent": "TestBrowser/1.0"}
        return self.browser.post(URL, data=form | changes, headers=headers)
