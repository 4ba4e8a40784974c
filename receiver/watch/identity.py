"""Who an aircraft is, as far as known: facts gathered, contradictions kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from receiver.watch.world import Fact

SENT = "sent by the aircraft"
COMPUTED = "computed from the address"  # an American registration, which proves no aircraft


@dataclass(frozen=True, slots=True)
class Identity:
    """Facts of one aircraft, the most trusted first."""

    facts: tuple[Fact, ...] = ()

    @classmethod
    def of(cls, facts: Iterable[Fact], category: str | None) -> Identity:
        """The registry's facts and what the aircraft says of itself."""
        own = (Fact("category", category, SENT),) if category else ()
        return cls((*facts, *own))

    def fact(self, name: str) -> Fact | None:
        """The most trusted fact of this name; None when it is unknown."""
        return next((fact for fact in self.facts if fact.name == name), None)

    def value(self, name: str) -> str | None:
        """Its value; None when it is unknown."""
        fact = self.fact(name)
        return None if fact is None else fact.value

    def contradictions(self) -> tuple[tuple[Fact, Fact], ...]:
        """Pairs of facts of one name that disagree, the first against each other one."""
        pairs = []
        first: dict[str, Fact] = {}
        for fact in self.facts:
            known = first.setdefault(fact.name, fact)
            if known.value.casefold() != fact.value.casefold():
                pairs.append((known, fact))
        drone = self.value("category") == "B6"
        kind = self.fact("type")
        if drone and kind is not None and kind.value not in DRONES:
            category = self.fact("category")
            assert category is not None
            pairs.append((kind, Fact("category", "B6", SENT)))
        return tuple(pairs)

    @property
    def known(self) -> bool:
        """Whether anything is known that does not follow from the address alone."""
        return any(
            fact.name in ("registration", "type", "type_name", "operator") and not fact.source.startswith(COMPUTED)
            for fact in self.facts
        )


# ICAO type designators (Doc 8643) of unmanned aircraft that are heard on 1090 MHz
DRONES = frozenset({"Q1", "Q4", "Q5", "Q7", "Q9", "Q11", "Q18", "Q25", "DRON", "HRON", "HERM", "ULAC", "ZEPH"})
