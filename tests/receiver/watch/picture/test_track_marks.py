from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from receiver.watch.picture.shapes import kind_of, shape_of
from receiver.watch.picture.track import MOST_TICKS, arrows, ticks
from receiver.watch.trail import TrailPoint

TRAIL = [TrailPoint(1_755_657_600.0 + 10 * k, 19.0 + 0.001 * k, -100.0, 9000.0) for k in range(200)]
PIXELS = np.array([(10.0 * k, 5.0) for k in range(200)])


def test_arrows_point_along_the_track_and_keep_apart() -> None:
    found = arrows(PIXELS, TRAIL, 100.0, -math.inf)
    assert len(found) > 15
    assert all(angle == 0.0 and y == 5.0 for _, y, angle in found)
    assert all(b[0] - a[0] == pytest.approx(100.0) for a, b in itertools.pairwise(found))
    late = arrows(PIXELS, TRAIL, 100.0, TRAIL[100].time_s)
    assert min(x for x, _, _ in late) >= 1000.0


def test_what_was_not_received_has_no_arrow_and_no_time() -> None:
    silent = [point._replace(unheard=True) for point in TRAIL]
    assert arrows(PIXELS, silent, 100.0, -math.inf) == []
    assert ticks(silent, -math.inf) == []


def test_times_are_round_and_lie_on_the_track() -> None:
    found = ticks(TRAIL, -math.inf)
    assert 2 <= len(found) <= MOST_TICKS + 1
    step = found[1][0] - found[0][0]
    for moment, latitude, longitude in found:
        assert moment % step == 0
        assert latitude == pytest.approx(19.0 + 0.0001 * (moment - TRAIL[0].time_s), abs=1e-6)
        assert longitude == -100.0
    assert ticks(TRAIL[:1], 0.0) == []


def test_kinds_are_known_by_type_then_by_category() -> None:
    assert kind_of("EC35", "A3") == "helicopter"
    assert kind_of(None, "B1") == "glider"
    assert kind_of("A320", "C2") == "vehicle", "what moves on the ground says so"
    assert kind_of(None, None) == "narrow"
    assert kind_of("__proto__", "constructor") == "narrow"
    assert len(shape_of("A388", None).parts) == 5
