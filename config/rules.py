"""What is worth an alert: the rules, which live in a TOML file of their own."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo

from config.base import Section, setting
from config.errors import ConfigError
from config.load import read_file

Word = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
Words = list[Word]
Squawk = Annotated[str, StringConstraints(pattern=r"^[0-7]{4}$")]
AddressRange = Annotated[str, StringConstraints(pattern=r"^~?[0-9A-Fa-f]{6}(\s*-\s*~?[0-9A-Fa-f]{6})?$")]
Category = Annotated[str, StringConstraints(pattern=r"^[A-D][0-7]$")]
CountryCode = Annotated[str, StringConstraints(pattern=r"^([A-Z]{2}|\*)$")]
PatternKind = Literal[
    "orbit",
    "racetrack",
    "figure_of_eight",
    "survey_grid",
    "aerodrome_circuit",
    "holding",
    "thermalling",
    "spiral",
    "loiter",
    "search",
    "shuttle",
]
Emergency = Literal["general", "lifeguard", "minfuel", "nordo", "unlawful", "downed", "distress", "lostlink"]


FLEET_KEYS = (
    "gps_lost_aircraft",
    "gps_spoofed_aircraft",
    "military_aircraft",
    "formation_aircraft",
)  # about no single aircraft


class Near(Section):
    """A place and a distance."""

    latitude: float = setting(..., "Latitude", "Degrees north.", "-90–90 degrees", ge=-90, le=90)
    longitude: float = setting(..., "Longitude", "Degrees east.", "-180–180 degrees", ge=-180, le=180)
    radius_km: float = setting(..., "Radius", "How near is near.", "0.1–2000 km", ge=0.1, le=2000)
    name: str | None = setting(None, "Name", "What the place is called in the alert.", "text", max_length=60)
    exact: bool = setting(
        False,
        "Exact",
        "Decide by this very circle. Otherwise its centre is rounded as the station's published location is and the circle "
        "widened to hold the one that was meant: from some twenty alerts of an exact rule anyone can compute its centre.",
        "true or false",
    )


class WillPass(Near):
    """A place, a distance, and how long ahead."""

    minutes: float = setting(5.0, "Ahead", "At most so long before it is nearest.", "0.5–10 minutes", ge=0.5, le=10)


class Condition(Section):
    """What must hold. All keys of one table must hold together; `any` and `all` hold more tables, `not` one.

    Where a key has a list, one entry of it is enough. Globs know * (anything) and ? (one character); case does not
    matter.
    """

    callsign: Words | None = setting(None, "Call sign", "Globs.", 'a list such as ["TROY*"]')
    callsign_regex: str | None = setting(
        None, "Call sign, regular expression", "Must match the whole call sign.", "a regular expression", max_length=200
    )
    address: list[AddressRange] | None = setting(
        None, "Address", "ICAO addresses or ranges of them.", 'a list such as ["ae4bd7", "ae4dde-ae4de0"]'
    )
    registration: Words | None = setting(None, "Registration", "Globs.", 'a list such as ["N1*"]')
    type: Words | None = setting(None, "Type", "ICAO type designators, globs.", 'a list such as ["Q9", "P3"]')
    operator: Words | None = setting(None, "Operator", "Globs on the operator's name.", 'a list such as ["*police*"]')
    country: list[CountryCode] | None = setting(
        None, "Country of registration", "Two-letter codes (ISO 3166).", 'a list such as ["US", "MX"]'
    )
    military: bool | None = setting(None, "Military", "By database or address block.", "true or false")
    notable: bool | None = setting(
        None, "Notable", "In the list of notable aircraft that the aircraft database contains.", "true or false"
    )
    drone: bool | None = setting(
        None, "Drone", "Nobody is on board: by its type, by a list, or by its own account.", "true or false"
    )
    list_category: Words | None = setting(
        None, "Listed as", "Globs on the category in the list of notable aircraft.", 'a list such as ["Head of State"]'
    )
    list_group: list[Literal["military", "government", "police", "civil"]] | None = setting(
        None, "Listed under", "The group in that list.", 'a list such as ["police", "government"]'
    )
    list_tag: Words | None = setting(None, "Tagged", "Globs on the tags in that list.", 'a list such as ["*ISR*"]')
    category: list[Category] | None = setting(
        None, "Category", "What the aircraft says it is: B6 is a drone, A7 a helicopter.", 'a list such as ["B6"]'
    )
    squawk: list[Squawk] | None = setting(None, "Squawk", "Transponder codes.", 'a list such as ["7700"]')
    emergency: list[Emergency] | None = setting(
        None, "Emergency", "The emergency state that the aircraft sends.", 'a list such as ["general", "unlawful"]'
    )
    gps_lost: bool | None = setting(
        None, "GPS lost", "Flying and no longer sure of its position, after it was sure.", "true or false"
    )
    gps_lost_aircraft: int | None = setting(
        None, "GPS lost by several", "So many aircraft lost GPS within ten minutes: one alert for all.", "2–100",
        ge=2, le=100,
    )  # fmt: skip
    position_doubted: bool | None = setting(
        None, "Position doubted", "Its positions cannot be true: a leap, a bank or a speed that nobody can fly.",
        "true or false",
    )  # fmt: skip
    gps_spoofed_aircraft: int | None = setting(
        None, "GPS spoofed by several", "Positions of so many aircraft cannot be true within ten minutes: one alert "
        "for all.", "2–100", ge=2, le=100,
    )  # fmt: skip
    military_aircraft: int | None = setting(
        None, "Military aircraft at once", "So many military aircraft are in the air: one alert for all.", "2–100",
        ge=2, le=100,
    )  # fmt: skip
    formation_aircraft: int | None = setting(
        None, "Together", "So many aircraft fly close together for two minutes: one alert for all.", "2–100",
        ge=2, le=100,
    )  # fmt: skip
    near: Near | None = setting(None, "Near", "Within a distance of a place.", "{ latitude, longitude, radius_km }")
    will_pass: WillPass | None = setting(
        None,
        "Will pass",
        "It flies straight towards a place and will be within a distance of it.",
        "{ latitude, longitude, radius_km, minutes }",
    )
    inside: Path | None = setting(
        None, "Inside", "Within a polygon of a GeoJSON or KML file, beside the rules file.", "a path"
    )
    over: list[CountryCode] | None = setting(None, "Over", "Countries below the aircraft.", 'a list such as ["MX"]')
    entered: list[CountryCode] | None = setting(
        None, "Entered", 'Countries whose border it has crossed inwards; "*" is any.', 'a list such as ["MX"]'
    )
    left: list[CountryCode] | None = setting(
        None, "Left", 'Countries whose border it has crossed outwards; "*" is any.', 'a list such as ["US"]'
    )
    altitude_above_ft: float | None = setting(None, "Above", "Barometric altitude, feet.", "feet", ge=-2000, le=130_000)
    altitude_below_ft: float | None = setting(None, "Below", "Barometric altitude, feet.", "feet", ge=-2000, le=130_000)
    speed_above_kt: float | None = setting(None, "Faster than", "Ground speed, knots.", "knots", ge=0, le=4000)
    speed_below_kt: float | None = setting(None, "Slower than", "Ground speed, knots.", "knots", ge=0, le=4000)
    on_ground: bool | None = setting(None, "On the ground", "As it says itself.", "true or false")
    first_seen: bool | None = setting(
        None, "First seen", "This station has never heard the address before.", "true or false"
    )
    pattern: list[PatternKind] | None = setting(
        None, "Pattern", "The shape that it flies.", 'a list such as ["orbit", "racetrack"]'
    )
    laps_above: float | None = setting(None, "More laps than", "Of that pattern.", "laps", ge=0, le=1000)
    went_around: bool | None = setting(
        None, "Went around", "It came down to an aerodrome and climbed again without touching it.", "true or false"
    )
    unusual_days: int | None = setting(
        None, "Unusual here", "For so many days nobody was so low here, or none of its class at its height.",
        "7–365 days", ge=7, le=365,
    )  # fmt: skip
    back_after_days: float | None = setting(
        None, "Back after", "Not received for at least so long before this visit.", "1–365 days", ge=1, le=365
    )
    first_of_type: bool | None = setting(
        None, "First of its type", "This station has never received its type before.", "true or false"
    )
    nights_above: int | None = setting(
        None, "More nights than", "Here on more of the last seven nights, this one included.", "1–6 nights", ge=1, le=6
    )
    any: list[Condition] | None = setting(None, "Any", "One of these tables.", "a list of tables", min_length=1)
    all: list[Condition] | None = setting(None, "All", "Each of these tables.", "a list of tables", min_length=1)
    not_: Condition | None = Field(None, alias="not", title="Not", description="This table must not hold.")

    @field_validator("callsign_regex")
    @classmethod
    def _compiles(cls, text: str | None) -> str | None:
        if text is not None:
            try:
                re.compile(text)
            except re.error as error:
                raise ValueError(f"not a regular expression: {error}") from None
        return text

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("an empty condition would match every aircraft; write at least one key")
        return self

    def parts(self) -> Iterator[Condition]:
        """This condition and all those inside it."""
        yield self
        inner = [*(self.any or ()), *(self.all or ()), *((self.not_,) if self.not_ else ())]
        for condition in inner:
            yield from condition.parts()


class Rule(Section):
    """`[[rule]]`: what to look for and what to do about it."""

    name: str = setting(
        ..., "Name", "Part of the alert's id.", "1–40 of a–z, 0–9, - and _", pattern=r"^[a-z0-9_-]{1,40}$"
    )
    title: str | None = setting(None, "Title", "What a person reads; unset: the name.", "text", max_length=80)
    when: Condition = Field(..., title="When", description="What must hold.")
    severity: Literal["info", "warning", "critical"] = setting(
        "info", "Severity", "How loud.", '"info", "warning" or "critical"'
    )
    group: str | None = setting(
        None,
        "Group",
        "Rules of one group share one alert per aircraft; the highest severity wins. Unset: a group of its own.",
        "1–40 of a–z, 0–9, - and _",
        pattern=r"^[a-z0-9_-]{1,40}$",
    )
    notify: Words = setting(
        [], "Notify", "Names of the push channels; none: the alert is published over MQTT and in the log only.",
        'a list such as ["phone"]',
    )  # fmt: skip
    cooldown_s: float = setting(
        3600.0, "Cooldown", "Minimum time between two pushes for one aircraft.", "0–604800 seconds", ge=0, le=604_800
    )
    hold_s: float = setting(
        0.0, "Hold", "The condition must hold so long before it counts.", "0–3600 seconds", ge=0, le=3600
    )
    linger_s: float = setting(
        180.0,
        "Linger",
        "The alert stays open so long after the condition held last: a gap in reception ends nothing.",
        "0–7200 seconds",
        ge=0,
        le=7200,
    )
    update_every_s: float = setting(
        300.0, "Updates", "Least time between two updates of an open alert.", "10–86400 seconds", ge=10, le=86_400
    )
    picture: bool = setting(False, "Picture", "Draw a card with the track.", "true or false")
    tracker: bool = setting(False, "Tracker", "A device_tracker in Home Assistant for the aircraft.", "true or false")
    enabled: bool = setting(True, "Enabled", "Off: keeps the rule in the file without using it.", "true or false")


class RuleSet(Section):
    """A rules file."""

    rule: list[Rule] = Field(default_factory=list, title="Rules", description="In order of importance.")

    @model_validator(mode="after")
    def _one_name_once(self) -> Self:
        names = [rule.name for rule in self.rule]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"several rules are called {', '.join(twice)}; each needs a name of its own")
        for rule in self.rule:
            for key in FLEET_KEYS:
                asked = any(getattr(part, key) is not None for part in rule.when.parts())
                if asked and rule.when.model_fields_set != {key}:
                    raise ValueError(f"rule {rule.name}: {key} stands alone, it is about no single aircraft")
        return self


def load_rules(path: Path) -> RuleSet:
    """Read a rules file.

    Raises
    ------
    ConfigError
        With one line a mistake: file, key, line, what was got.
    """
    values, lines = read_file(path)
    try:
        rules = RuleSet.model_validate(values)
    except ValidationError as error:
        raise ConfigError("\n".join(dict.fromkeys(_explain(path, e, lines, values) for e in error.errors()))) from None
    base = path.parent
    for rule in rules.rule:
        for part in rule.when.parts():
            if part.inside is not None and not (base / part.inside).is_file():
                raise ConfigError(f"{path}: rule {rule.name}: inside: no such file: {base / part.inside}")
    return rules


def _explain(path: Path, detail: Any, lines: dict[str, str], values: dict[str, Any]) -> str:
    parts = [str(part) for part in detail["loc"]]
    key = ".".join(parts)
    place = next((f" ({lines[k]})" for k in (".".join(parts[:n]) for n in range(len(parts), 0, -1)) if k in lines), "")
    named = key
    if len(parts) > 1 and parts[0] == "rule" and parts[1].isdigit():
        rule = values["rule"][int(parts[1])]
        name = rule.get("name") if isinstance(rule, dict) else None
        named = f"rule {name or int(parts[1]) + 1}: {'.'.join(parts[2:])}".rstrip(": ")
    model, field = _where(detail["loc"])
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(parts[-1], _keys(model), n=1, cutoff=0.6)
        return f"{path}: {named}{place}: no such key{f'; did you mean {near[0]}?' if near else ''}"
    if detail["type"] == "value_error":
        return f"{path}: {named}{place}: {detail['ctx']['error']}"
    if detail["type"] == "missing":
        return f"{path}: {named}{place}: missing"
    extra = field.json_schema_extra if field is not None else None
    wanted = f"expected {extra['expected']}" if isinstance(extra, dict) and "expected" in extra else ""
    message = detail["msg"]
    return f"{path}: {named}{place}: got {repr(detail.get('input'))[:60]}, {wanted or message[0].lower() + message[1:]}"


def _where(location: tuple[int | str, ...]) -> tuple[type[Section], FieldInfo | None]:
    """The table that a mistake is in, and the field that it is at, or None when there is no such key."""
    model: type[Section] = RuleSet
    field: FieldInfo | None = None
    for part in location:
        if isinstance(part, int):  # within a list
            continue
        if field is not None:
            inner = [one for one in _types_in(field.annotation) if issubclass(one, Section)]
            if not inner:
                break
            model = inner[0]
        field = next((one for name, one in model.model_fields.items() if part in (name, one.alias)), None)
    return model, field


def _types_in(annotation: Any) -> Iterator[type]:
    """The classes that an annotation is made of."""
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for part in get_args(annotation):
        yield from _types_in(part)


def _keys(model: type[Section]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]
