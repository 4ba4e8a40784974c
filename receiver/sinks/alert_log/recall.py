"""The latest alerts of before a restart, for whoever shows them. Blocking: for a worker thread.

Files may have been cut off, and anybody may have written into them: what is not as it should be is left out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from receiver.sinks.alert_log.store import LoggedAlert, Store, are_numbers, is_payload

TAIL_BYTES = 256_000  # of the states: the last one is asked for
TRAIL_BYTES = 4_000_000
PICTURE_BYTES = 1_000_000  # a card has less than a tenth


@dataclass(frozen=True, slots=True)
class PastAlert:
    """The last state of an alert: as it was told, where the aircraft had been (altitude NaN when unknown), the card."""

    payload: dict[str, Any]
    trail: tuple[tuple[float, float, float, float, bool], ...]
    picture: bytes | None


def recall(store: Store, most: int, open_ids: Collection[str]) -> tuple[list[PastAlert], int]:
    """The latest alerts, the one told last comes last, and how many of them could not be read.

    Parameters
    ----------
    most
        At most so many; those that are still open come before those told later.
    open_ids
        Alerts that are not over. Whatever was told of another, it has ended: nobody will tell so any more.
    """
    alerts = store.alerts()
    still = {alert.id for alert in alerts if alert.id in open_ids}
    chosen = {alert.id for alert in sorted(alerts, key=lambda alert: alert.id in still)[-most:]} if most > 0 else set()
    past, damaged = [], 0
    for alert in alerts:
        if alert.id not in chosen:
            continue
        try:
            payload = _last_payload(alert)
        except (OSError, ValueError, RecursionError):
            damaged += 1
            continue
        if alert.id not in still:
            payload["state"] = "ended"
        past.append(PastAlert(payload, _trail(alert), _picture(alert)))
    return past, damaged


def _last_payload(alert: LoggedAlert) -> dict[str, Any]:
    with (alert.folder / "states.jsonl").open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - TAIL_BYTES))
        lines = stream.read(TAIL_BYTES).split(b"\n")[:-1]
    whole = [line for line in lines if line.startswith(b"{") and line.endswith(b"}")]
    if not whole:
        raise ValueError("no whole line")
    state = json.loads(whole[-1])
    payload = state.get("payload") if isinstance(state, dict) else None
    if not isinstance(payload, dict) or payload.get("id") != alert.id:
        raise ValueError("no payload of this alert")
    if not is_payload(payload):
        raise ValueError("not as an alert is told")
    json.dumps(payload, ensure_ascii=False, allow_nan=False).encode()  # what is no JSON to others is refused
    # of the moment, not of the alert
    return {key: value for key, value in payload.items() if key not in ("aircraft", "picture")}


def _trail(alert: LoggedAlert) -> tuple[tuple[float, float, float, float, bool], ...]:
    try:
        with (alert.folder / "trail.json").open("rb") as stream:
            points = json.loads(stream.read(TRAIL_BYTES + 1))  # one that is longer is cut, and no JSON
        out = []
        for time_s, latitude, longitude, feet, unheard in points:
            if not are_numbers((time_s, latitude, longitude)) or not (feet is None or are_numbers((feet,))):
                return ()
            out.append((time_s, latitude, longitude, math.nan if feet is None else feet, bool(unheard)))
    except (OSError, ValueError, TypeError, RecursionError):
        return ()
    return tuple(out)


def _picture(alert: LoggedAlert) -> bytes | None:
    try:
        with (alert.folder / "picture.png").open("rb") as stream:
            picture = stream.read(PICTURE_BYTES + 1)
    except OSError:
        return None
    return picture if picture.startswith(b"\x89PNG") and len(picture) <= PICTURE_BYTES else None
