"""Why an aircraft has no fix: one sentence, for its owner to act on."""

from __future__ import annotations

SENTENCES = {
    "no_stations": "no station shares its place: set `fleet.share_location` on at least four of them",
    "one_station": "only {stations} receives it: three stations with its altitude, or four, are needed",
    "few_stations": "only {count} stations receive it ({stations}): three with its altitude, or four, are needed",
    "three_without_altitude": "three stations receive it ({stations}) and it sends no altitude: a fourth one is needed",
    "no_place": "{stations} receive it, but {others} share no place",
    "unmatched": "the clocks of {stations} are not matched: they receive too few ADS-B aircraft in common",
    "erratic": "the times of {others} contradict all other stations'; without it too few are left",
    "close_stations": "the stations that receive it ({stations}) are less than {baseline_km:.0f} km apart: too close to tell places",
    "geometry": "seen from it the stations ({stations}) lie in one direction: the place would be uncertain by kilometres",
    "contradiction": "the arrival times at {stations} fit no place: one is wrong and it cannot be told which",
    "ambiguous": "the arrival times at {stations} fit two places; a further station would tell",
    "unsettled": "located {fixes} times, not often enough to be published yet",
    "wandering": "the places found do not make a way that an aircraft can fly",
}
CLOSEST_KM = 1.0


def sentence(reason: str, **facts: object) -> str:
    """The sentence for a reason, which is a key of `SENTENCES`."""
    return SENTENCES[reason].format(**facts)


def listed(names: list[str]) -> str:
    """Names in a row."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "no station"
