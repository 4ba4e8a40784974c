"""The alert: one episode of one rule group about one aircraft, from raised to ended, with one id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from receiver.tracking import Sighting
from receiver.watch.approach import Approach
from receiver.watch.identity import Identity
from receiver.watch.patterns import Pattern
from receiver.watch.trail import TrailPoint

RAISED, UPDATED, ENDED = "raised", "updated", "ended"


@dataclass(frozen=True, slots=True)
class Alert:
    """What leaves the watch.

    Attributes
    ----------
    id
        Letters, digits, - and _ only: safe in topics and file names. The same for a replay of the same signal.
    rule, title, clause, severity
        The loudest rule that matches, what a person calls it, why it matches (with sources), info|warning|critical.
    rules
        Names of all rules of the group that match.
    state
        raised, updated or ended.
    text
        One sentence.
    icao
        Address of the aircraft; "" when the alert is about none in particular.
    sighting
        The aircraft as last seen; None for an alert about none, or after a restart until it is heard again.
    identity, pattern
        Who it is and what it flies, as far as known.
    raised_s, updated_s, ended_s
        UTC seconds; ended_s None while it is open.
    notify
        Channels to push to now; empty: nothing to push.
    picture, tracker
        Whether the rule asks for a card, and for a device_tracker.
    trail
        Where it has been, for the picture.
    passing
        Which place of the rule it will pass, and how; None: the rule asks for none.
    brief
        The sentence for a push: at most 110 characters; sources, borders and contradictions are in `text`.
    """

    id: str
    rule: str
    title: str
    clause: str
    severity: str
    rules: tuple[str, ...]
    state: str
    text: str
    icao: str
    sighting: Sighting | None
    identity: Identity
    pattern: Pattern | None
    raised_s: float
    updated_s: float
    ended_s: float | None
    notify: tuple[str, ...]
    picture: bool
    tracker: bool
    trail: tuple[TrailPoint, ...]
    brief: str = ""
    passing: tuple[str, Approach] | None = None

    def payload(self, aircraft: dict[str, Any] | None = None, picture: str | None = None) -> dict[str, Any]:
        """The alert as JSON has it.

        Parameters
        ----------
        aircraft
            The aircraft object, as aircraft.json writes it; left out when None.
        picture
            Topic of the picture; left out when None.
        """
        out: dict[str, Any] = {
            "id": self.id,
            "rule": self.rule,
            "title": self.title,
            "clause": self.clause,
            "rules": list(self.rules),
            "severity": self.severity,
            "state": self.state,
            "text": self.text,
            "brief": self.brief or self.text,
            "raised_at": round(self.raised_s, 3),
            "updated_at": round(self.updated_s, 3),
        }
        if self.ended_s is not None:
            out["ended_at"] = round(self.ended_s, 3)
        if self.icao:
            out["hex"] = self.icao
        if aircraft is not None:
            out["aircraft"] = aircraft
        if picture is not None:
            out["picture"] = picture
        if self.identity.facts:
            out["facts"] = [{"name": f.name, "value": f.value, "source": f.source} for f in self.identity.facts]
        if self.passing is not None:
            place, approach = self.passing
            out["passing"] = {
                "place": place,
                "at": round(approach.at_s, 3),
                "distance_km": round(approach.distance_km, 2),
            }
            if approach.altitude_ft is not None:
                out["passing"]["altitude_ft"] = round(approach.altitude_ft)
        if self.pattern is not None:
            p = self.pattern
            out["pattern"] = {
                "kind": p.kind,
                "since": round(p.since_s, 3),
                "laps": round(p.laps, 1),
                "radius_km": round(p.radius_km, 2),
                "length_km": round(p.length_km, 2),
                "period_s": round(p.period_s),
                "lat": round(p.latitude_deg, 5),
                "lon": round(p.longitude_deg, 5),
                "hand": p.hand,
            }
        return out


def alert_id(group: str, icao: str, raised_s: float) -> str:
    """Id of an episode: group, address, time. `~` of a non-ICAO address becomes x, as topics do not like it."""
    stamp = datetime.fromtimestamp(raised_s, UTC).strftime("%Y%m%dT%H%M%S")
    return "-".join(part for part in (group, icao.replace("~", "x"), stamp) if part)
