"""How Hypothesis looks for counterexamples: the same in every `make test`, others in each `make long`."""

from hypothesis import HealthCheck, settings

CALM = (HealthCheck.too_slow,)  # says how busy the machine is, not whether the code is right

settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=CALM)
settings.register_profile("roaming", deadline=None, suppress_health_check=CALM)
settings.load_profile("steady")
