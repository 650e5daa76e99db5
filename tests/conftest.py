"""How Hypothesis looks for counterexamples: alike in every `make test`, anew in each `make long`; and one browser."""

import gc
import shutil
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

import matcher
import webapp
from tests.breadth import QUICK
from tests.browser.conftest import CHROMIUM, QUIET

CALM = (HealthCheck.too_slow,)  # says how busy the machine is, not whether the code is right

settings.register_profile(QUICK, max_examples=50, deadline=None, derandomize=True, suppress_health_check=CALM)
settings.register_profile("thorough", deadline=None, derandomize=True, suppress_health_check=CALM)
settings.register_profile("roaming", deadline=None, suppress_health_check=CALM)
settings.load_profile(QUICK)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Load the whole house: examples also come from the constants of what is loaded, whatever ran before."""
    for package in (matcher, webapp):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name:
                import_module(module.name)
    import_module("seed_data")
    # what is loaded by now stays, so it is not looked through again and again
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, else Playwright's own."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()
