"""Without nats-py, which is an extra, there is nothing to be tested here."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("nats") else ["test_hubs.py"]
