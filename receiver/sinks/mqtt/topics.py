"""The topics. Nothing that came by radio becomes a level of one, except an address: six hex digits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topics:
    """All topics of one station, `<base topic>/<station>/…`."""

    base: str

    @property
    def status(self) -> str:
        """`online` or `offline`."""
        return f"{self.base}/status"

    @property
    def station(self) -> str:
        """What the station is."""
        return f"{self.base}/station"

    @property
    def stats(self) -> str:
        """How it does."""
        return f"{self.base}/stats"

    @property
    def summary(self) -> str:
        """The sky in a few numbers."""
        return f"{self.base}/summary"

    @property
    def frames(self) -> str:
        """Beast bytes."""
        return f"{self.base}/frames"

    @property
    def picture(self) -> str:
        """The newest alert picture, whatever alert it is of."""
        return f"{self.base}/picture"

    @property
    def all_aircraft(self) -> str:
        """Filter of all aircraft."""
        return f"{self.base}/aircraft/+"

    @property
    def all_alerts(self) -> str:
        """Filter of all alerts and their pictures."""
        return f"{self.base}/alerts/#"

    @property
    def all_trackers(self) -> str:
        """Filter of all places of watched aircraft."""
        return f"{self.base}/trackers/+"

    @property
    def all_commands(self) -> str:
        """Filter of all commands."""
        return f"{self.base}/command/+"

    def response(self, command: str) -> str:
        """Answers to a command for which no other topic was named."""
        return f"{self.base}/command/{command}/response"

    def may_answer_on(self, topic: str) -> bool:
        """Whether an answer may go to a topic that somebody else has named: none of ours, and one that a broker takes."""
        station = self.base.casefold()
        return (
            0 < len(topic.encode()) <= 256
            and not any(sign in topic for sign in "+#$\0")
            and topic.isprintable()
            and topic.casefold() != station
            and not topic.casefold().startswith((f"{station}/", "homeassistant/"))
        )

    def aircraft(self, icao: str) -> str:
        """One aircraft, by `hex`."""
        return f"{self.base}/aircraft/{icao}"

    def event(self, name: str) -> str:
        """Something that has happened."""
        return f"{self.base}/events/{name}"

    def alert(self, alert_id: str) -> str:
        """One alert."""
        return f"{self.base}/alerts/{alert_id}"

    def alert_picture(self, alert_id: str) -> str:
        """Its picture."""
        return f"{self.base}/alerts/{alert_id}/picture"

    @property
    def overhead(self) -> str:
        """Who will pass a place next."""
        return f"{self.base}/overhead"

    def tracker(self, rule: str) -> str:
        """Where the aircraft of a watch rule is."""
        return f"{self.base}/trackers/{rule}"

    def command(self, name: str) -> str:
        """A command."""
        return f"{self.base}/command/{name}"
