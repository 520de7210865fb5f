import importlib.util
import sys

import pytest
import urllib3

from .visitor import APP, Visitor
from .winnow_stub import KEY, SECRET, WinnowStub


@pytest.fixture
def winnow():
    stub = WinnowStub()
    yield stub
    stub.stop()


@pytest.fixture
def start_site(winnow, tmp_path, monkeypatch):
    """Start the example site; every call is a fresh start on the same database."""
    monkeypatch.setenv("WINNOW_URL", winnow.url)
    monkeypatch.setenv("WINNOW_KEY", KEY)
    monkeypatch.setenv("WINNOW_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("DEMO_DATABASE", str(tmp_path / "comments.db"))
    started = []

    def start():
        spec = importlib.util.spec_from_file_location("example_site", APP)
        site = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "example_site", site)  # Flask finds templates by it
        spec.loader.exec_module(site)
        started.append(site)
        return site

    yield start
    for site in started:
        site.winnow.clear()


@pytest.fixture
def site(start_site):
    return start_site()


@pytest.fixture
def impatient(site, monkeypatch):
    """The same site with a shorter time limit, so that a test of it need not take two seconds."""
    short = urllib3.Timeout(total=0.2)
    pool = urllib3.PoolManager(headers=site.headers, timeout=short, retries=False)
    monkeypatch.setattr(site, "winnow", pool)
    return site


@pytest.fixture
def ada(site):
    return Visitor(site)


@pytest.fixture
def bob(site):
    return Visitor(site)
