"""What all tests share: made-up input is the same on each machine, so that a red run can be run again."""

from __future__ import annotations

from hypothesis import settings

# Searching for new input is for `make test-slow` and for a developer's own run (`pytest --hypothesis-profile=search`)
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("same")
