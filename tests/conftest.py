"""How Hypothesis looks for counterexamples: the same in every `make test`, more and others in each `make long`."""

from importlib import import_module
from pkgutil import walk_packages

import pytest
from hypothesis import HealthCheck, settings

import matcher
import webapp
from tests.breadth import QUICK

CALM = (HealthCheck.too_slow,)  # says how busy the machine is, not whether the code is right

settings.register_profile(QUICK, deadline=None, derandomize=True, suppress_health_check=CALM)
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
