from __future__ import annotations

from receiver.web.recent import Recent
from tests.receiver.web.airs import START_S, air


def test_memory_of_the_last_hours_is_bounded() -> None:
    recent = Recent(keep_s=600.0)
    for second in range(0, 3000, 5):
        recent.second(air(START_S + second, 3))
    span = recent.span()
    assert span is not None
    assert span[1] - span[0] <= 600 + 300, "what is older goes, at the latest five minutes later"
