from __future__ import annotations

from receiver.moments import move_moments
from receiver.web.health import Health
from receiver.web.recent import Recent
from tests.receiver.skies import AirTaker, fly, in_order, straight


def test_what_the_map_remembers_moves_when_the_clock_is_set() -> None:
    taker = AirTaker()
    start_s = 1_900_000_000.0
    fly(in_order([straight("ae4bd7", "TROY701", start_s, 60)]), [taker])
    recent, health = Recent(3600.0), Health()
    for air in taker.airs:
        recent.second(air)
        health.second(air)
    before = [row[0] for row in health.hour]
    points = len(next(iter(recent._tracks.values())).time_s)
    move_moments(86_400.0, recent, health)
    assert [row[0] for row in health.hour] == [time_s + 86_400.0 for time_s in before if time_s is not None]
    track = next(iter(recent._tracks.values()))
    assert len(track.time_s) == points > 5
    assert all(start_s + 86_400.0 <= time_s <= start_s + 86_400.0 + 61.0 for time_s in track.time_s)
