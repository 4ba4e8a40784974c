"""One thing known of an aircraft, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known of an aircraft, and why.

    Attributes
    ----------
    name
        registration, type (ICAO designator), type_name ("MQ-9"), operator, country (ISO 3166 code), military ("yes"),
        notable ("yes"), drone ("yes"), and what a list calls it: list_category, list_group (military, government, police,
        civil), list_tag (several).
    value
        In words or codes.
    source
        Where it comes from, in words that fit into brackets: "aircraft database", "address block", "call-sign prefix
        TROY", "sent by the aircraft".
    """

    name: str
    value: str
    source: str
