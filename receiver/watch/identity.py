"""Who an aircraft is, as far as known: facts gathered, contradictions kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from receiver.registry import tables
from receiver.watch.world import Fact

SENT = "sent by the aircraft"
DRONE_CATEGORY = "B6"
MANY = frozenset({"list_category", "list_group", "list_tag"})  # several of these are no contradiction
COMPUTED = "computed from the address"  # an American registration, which proves no aircraft


@dataclass(frozen=True, slots=True)
class Identity:
    """Facts of one aircraft, the most trusted first."""

    facts: tuple[Fact, ...] = ()

    @classmethod
    def of(cls, facts: Iterable[Fact], category: str | None) -> Identity:
        """The registry's facts and what the aircraft says of itself."""
        own = [Fact("category", category, SENT)] if category else []
        known = list(facts)
        types = tables.types()
        own += [
            Fact("drone", "yes", f"type {fact.value}, {fact.source}")
            for fact in known
            if fact.name == "type" and fact.value in types and types[fact.value].drone
        ]
        if category == DRONE_CATEGORY:
            own.append(Fact("drone", "yes", f"category {category}, {SENT}"))
        return cls((*known, *own))

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
            if fact.name in MANY:
                continue
            known = first.setdefault(fact.name, fact)
            if known.value.casefold() != fact.value.casefold():
                pairs.append((known, fact))
        kind = self.fact("type")
        types = tables.types()
        says_drone = self.value("category") == DRONE_CATEGORY
        if says_drone and kind is not None and not (kind.value in types and types[kind.value].drone):
            pairs.append((kind, Fact("category", DRONE_CATEGORY, SENT)))
        return tuple(pairs)

    @property
    def known(self) -> bool:
        """Whether anything is known that does not follow from the address alone."""
        return any(
            fact.name in ("registration", "type", "type_name", "operator") and not fact.source.startswith(COMPUTED)
            for fact in self.facts
        )


def is_derived(fact: Fact) -> bool:
    """Whether `Identity.of` adds it: it follows from other facts, or from what the aircraft says."""
    return fact.source == SENT or (fact.name == "drone" and fact.source.startswith(("type ", "category ")))
