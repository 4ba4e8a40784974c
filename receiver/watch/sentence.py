"""One sentence in words: what it is and how we know, what it does, how long, where; what is unknown is said aloud."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from receiver.watch.approach import Approach
from receiver.watch.belief import Doubt
from receiver.watch.identity import Identity
from receiver.watch.language import SentenceWords as Words
from receiver.watch.language import language as language_of
from receiver.watch.patterns import Pattern
from receiver.watch.usual import DAY_S, News
from receiver.watch.watched import Crossing
from receiver.watch.world import Land, NearPlace

MAX_TEXT = 500
MAX_BRIEF = 110  # what a phone shows without being unlocked
MAX_OPERATOR = 34
SPOOFED = "gps_spoofed_aircraft"
BACK_S = 14 * DAY_S  # who was away for less was not away
LONG = frozenset({"racetrack", "holding"})  # told by their length, not by their diameter


@dataclass(frozen=True, slots=True)
class Story:
    """What there is to tell.

    `pattern` and `flown_s` (how long) belong together; `registered_in`: the country's name; `passing`: which place it will pass, and how; `earlier`: from when to when it was heard to do the same here
    before; `ended`: it is over, `unheard`: as nothing is
    heard any more; `fleet`: the aircraft of a rule about several, and then nothing else is told; `about`: its key, one of `FLEET_KEYS`; `back`:
    those of them that have GPS again; `near` and `land` where they are or say that they are, `apart_km` how far from there they
    were believed last; `met_s`: when they met. `news`: what is out of the ordinary; `went_around`: the aerodrome; `places`: in how
    many places it has flown patterns on this flight, and since when.
    """

    icao: str
    callsign: str | None
    identity: Identity
    now: float
    pattern: Pattern | None = None
    flown_s: float = 0.0
    squawk: str | None = None
    emergency: str | None = None
    gps_lost: bool = False
    doubt: Doubt | None = None
    altitude_ft: float | None = None
    on_ground: bool = False
    registered_in: str | None = None
    near: NearPlace | None = None
    land: Land | None = None
    crossing: Crossing | None = None
    earlier: tuple[float, float] | None = None
    passing: tuple[str, Approach] | None = None
    ended: bool = False
    unheard: bool = False
    fleet: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    about: str = ""
    met_s: float | None = None
    news: News | None = None
    went_around: str | None = None
    places: tuple[int, float] | None = None
    apart_km: float | None = None


def tell(story: Story, language: str, zone: tzinfo) -> str:
    """The sentence, without a full stop, at most `MAX_TEXT` characters, no control characters."""
    words = language_of(language).sentence
    if story.fleet:
        text = _fleet(story, words, zone)
    else:
        parts = [_who(story, words), *_what(story, words, zone), _where(story, words)]
        text = ", ".join(part for part in parts if part)
        after = [
            _earlier(story, words, zone), _places(story, words, zone), *_news(story, words), _border(story, words, zone),
            _disagreement(story, words),
        ]  # fmt: skip
        text = "; ".join([text, *(part for part in after if part)])
    return _clean(text, MAX_TEXT)


def brief(story: Story, language: str, zone: tzinfo) -> str:
    """The sentence for a push, at most `MAX_BRIEF` characters: who, what, where; sources are in the other one.

    What does not fit is left out, the least telling first: numbers of laps, who flies it, the region.
    """
    words = language_of(language).sentence
    if story.fleet:
        count = len(story.fleet)
        if story.about in words.groups:
            return _clean(_group(story, words, zone, brief=True), MAX_BRIEF)
        if story.about == SPOOFED:
            text = (words.brief_spoofed_over if story.ended else words.brief_spoofed).format(
                count, _place_only(story, words)
            )
            far = words.spoofed_from.format(words.numbers.whole(story.apart_km)) if story.apart_km is not None else ""
            return _clean(text + far if len(text + far) <= MAX_BRIEF else text, MAX_BRIEF)
        return _clean(
            (words.fleet_over if story.ended else words.fleet).format(count, ", ".join(story.fleet[:3])), MAX_BRIEF
        )
    identity = story.identity
    name = story.callsign or identity.value("registration") or words.aircraft.format(story.icao)
    kind, operator = identity.value("type_name") or identity.value("type"), identity.value("operator")
    what = [
        part
        for part in [*_what(story, words, zone), *(_news(story, words)[:1] if story.pattern is None else ())]
        if part
    ]
    if story.pattern is not None:
        doing = words.doing[story.pattern.kind][1 if story.ended else 0].format(duration(story.flown_s, words))
        what = [*(part for part in what[:-2] if part), doing, what[-1]]
    places = [_where(story, words), _place_only(story, words)]
    operators = [
        operator[:MAX_OPERATOR].rsplit(" ", 1)[0] if operator and len(operator) > MAX_OPERATOR else operator,
        None,
    ]
    text = ""
    for who in operators:
        for doings in (what, what[:-1] or what):
            for place in places:
                model = words.of_operator.format(kind, who) if kind and who else kind or who
                text = ", ".join(part for part in (name, model, *doings, place) if part)
                if len(text) <= MAX_BRIEF:
                    return _clean(text, MAX_BRIEF)
    return _clean(text, MAX_BRIEF)


def _place_only(story: Story, words: Words) -> str:
    """Where, without region and country."""
    near = story.near
    if near is None:
        return words.over.format(story.land.country) if story.land is not None else ""
    return from_place(near, near.name, words) or words.at.format(near.name)


def _clean(text: str, most: int) -> str:
    text = "".join(c for c in text if c.isprintable())
    return text[:1].upper() + (text[1:] if len(text) <= most else text[1 : most - 1] + "…")


def _fleet(story: Story, words: Words, zone: tzinfo) -> str:
    count, names = len(story.fleet), ", ".join(story.fleet[:12])
    if story.about in words.groups:
        return _group(story, words, zone, brief=False)
    if story.about == SPOOFED:
        text = (words.spoofed_over if story.ended else words.spoofed).format(count, _where(story, words))
        if story.apart_km is not None:
            text += words.spoofed_from.format(words.numbers.whole(story.apart_km))
        return f"{text}: {names}"
    if not story.ended:
        return words.fleet.format(count, names)
    if len(story.back) == count:
        return words.fleet_over.format(count, names)
    return words.fleet_gone.format(count, names, len(story.back))


def _group(story: Story, words: Words, zone: tzinfo, *, brief: bool) -> str:
    """Military aircraft at once, or a formation: how many, where, since when they met, and who."""
    text = words.groups[story.about][1 if story.ended else 0].format(len(story.fleet))
    place = _place_only(story, words) if brief else _where(story, words)
    met = words.met.format(_clock(story.met_s, story.now, zone)) if story.met_s is not None else ""
    known = story.near is not None or story.land is not None
    text = ", ".join(part for part in (text, met, place if known else "") if part)
    return f"{text}: {', '.join(story.fleet[: 3 if brief else 12])}"


def _news(story: Story, words: Words) -> list[str]:
    """What is out of the ordinary about this visit."""
    news, out = story.news, []
    if story.went_around is not None:
        out.append(words.went_around.format(story.went_around))
    if news is None:
        return out
    odd = news.oddity
    if odd is not None:
        height = words.so_high if odd.below_ft is None else words.below.format(words.numbers.whole(odd.below_ft))
        out.append(words.unusual[odd.what].format(height, odd.days))
    if news.new_type is not None:
        out.append(words.new_type.format(news.new_type))
    if news.away_s is not None and news.away_s >= BACK_S:
        out.append(words.back_after.format(round(news.away_s / DAY_S)))
    if news.nights >= 2:
        out.append(words.nights.format(news.nights))
    return out


def _places(story: Story, words: Words, zone: tzinfo) -> str:
    if story.places is None:
        return ""
    count, since_s = story.places
    return words.places.format(count, _clock(since_s, story.now, zone))


def duration(seconds: float, words: Words) -> str:
    """3 h 12 min, or 45 min."""
    minutes = max(0, int(seconds // 60))
    return words.duration.format(minutes // 60, minutes % 60) if minutes >= 60 else f"{minutes} min"


def _source(text: str, words: Words) -> str:
    for english, other in words.sources.items():
        if text.startswith(english):
            return other + text[len(english) :]
    return text


def _who(story: Story, words: Words) -> str:
    identity = story.identity
    name = story.callsign or identity.value("registration") or words.aircraft.format(story.icao)
    kind = identity.fact("type_name") or identity.fact("type")
    operator = identity.fact("operator")
    military = identity.fact("military")
    sources: list[str] = []
    what = ""
    if kind is not None:
        what = kind.value if kind.name == "type_name" else words.type_of.format(kind.value)
        sources.append(kind.source)
    elif military is not None and military.value == "yes":
        what = words.military
        sources.append(military.source)
    elif identity.value("category") == "B6":
        category = identity.fact("category")
        assert category is not None
        what = words.drone
        sources.append("category B6")
    if operator is not None:
        what = words.of_operator.format(what or words.aircraft.format(story.icao), operator.value)
        sources.append(operator.source)
    if not what:
        if identity.known:
            return name
        country = identity.fact("country")
        unknown = words.unknown
        if country is not None:
            unknown = words.unknown_of.format(story.registered_in or country.value, _source(country.source, words))
        return f"{name}, {unknown}"
    why = "; ".join(dict.fromkeys(_source(source, words) for source in sources))
    return f"{name}, {what} ({why})"


def _what(story: Story, words: Words, zone: tzinfo) -> list[str]:
    parts = []
    if story.squawk in words.codes:
        parts.append(f"{words.squawks.format(story.squawk)} ({words.codes[story.squawk]})")
    if story.emergency in words.emergencies and words.codes.get(story.squawk or "") is None:
        parts.append(words.emergency.format(words.emergencies[story.emergency]))
    if story.gps_lost:
        parts.append(words.gps_lost)
    if story.passing is not None and not story.ended:
        place, approach = story.passing
        wait = duration(max(0.0, approach.at_s - story.now) + 30.0, words)
        text = words.passing.format(_km(approach.distance_km, words), place, wait)
        if approach.altitude_ft is not None:
            text += " " + words.altitude.format(words.numbers.whole(100.0 * round(approach.altitude_ft / 100.0)))
        parts.append(text)
    if story.doubt is not None:
        amount, told = words.numbers.whole(story.doubt.amount), words.numbers.whole(story.doubt.told)
        parts.append(words.doubted.format(words.doubts[story.doubt.kind].format(amount=amount, told=told)))
    pattern = story.pattern
    if pattern is not None:
        flown = words.doing[pattern.kind][1 if story.ended else 0].format(duration(story.flown_s, words))
        began = _clock(pattern.since_s, story.now, zone)
        if story.ended:
            when = words.between.format(
                began.rpartition(" ")[0], _clock(pattern.since_s + story.flown_s, story.now, zone)
            )
        else:
            when = words.since.format(began)
        parts.append(f"{flown} {when}")
        laps = int(pattern.laps + 0.1)
        if pattern.kind == "figure_of_eight":
            parts.append(words.eights.format(laps, _km(2 * pattern.radius_km, words)))
        elif pattern.kind == "loiter":
            parts.append(words.within.format(_km(pattern.radius_km, words)))
        elif pattern.kind in LONG and pattern.length_km > 0.0:
            parts.append(_laps(words.one_long_lap, words.long_laps, laps, pattern.length_km, words))
        elif pattern.kind not in ("survey_grid", "search", "shuttle"):
            parts.append(_laps(words.one_lap, words.laps, laps, 2 * pattern.radius_km, words))
    elif not parts:
        parts.append((words.left if story.unheard else words.passed) if story.ended else words.heard)
    if pattern is None and story.passing is None:
        if story.on_ground:
            parts.append(words.on_ground)
        elif story.altitude_ft is not None:
            parts.append(words.altitude.format(words.numbers.whole(story.altitude_ft)))
    return parts


def _laps(one: str, several: str, laps: int, km: float, words: Words) -> str:
    return one.format(_km(km, words)) if laps == 1 else several.format(laps, _km(km, words))


def _km(value: float, words: Words) -> str:
    return words.numbers.decimal(f"{value:.1f}") if value < 3 else words.numbers.whole(value)


def from_place(near: NearPlace, name: str, words: Words) -> str | None:
    """As in "12 km WSW of Valle de Bravo"; None: it is right there."""
    if near.distance_km < 1.0:
        return None
    return words.near.format(_km(near.distance_km, words), words.compass[round(near.bearing_deg / 22.5) % 16], name)


def _where(story: Story, words: Words) -> str:
    near, land = story.near, story.land
    if story.doubt is not None and (near is not None or land is not None):
        return words.believed.format(_where(replace(story, doubt=None), words))
    if near is not None:
        around = ", ".join(part for part in (near.region, near.country) if part)
        place = f"{near.name}, {around}" if around else near.name
        text = from_place(near, place, words)
        if text is None:
            return words.at.format(place)
        if land is not None and near.country and land.country != near.country:
            text += ", " + words.over.format(land.country)
        elif land is not None and near.region and land.region and land.region != near.region:
            text += ", " + words.over.format(land.region)
        return text
    if land is not None:
        return words.over.format(", ".join(part for part in (land.region, land.country) if part))
    return words.no_place


def _earlier(story: Story, words: Words, zone: tzinfo) -> str:
    """It was heard to do so here before, and not in between."""
    if story.earlier is None:
        return ""
    began, until = (_clock(moment, story.now, zone) for moment in story.earlier)
    return words.earlier.format(began.rpartition(" ")[0], until)


def _border(story: Story, words: Words, zone: tzinfo) -> str:
    crossing = story.crossing
    if crossing is None:
        return ""
    clock = _clock(crossing.time_s, story.now, zone)
    if crossing.into is not None:
        return words.entered.format(crossing.into.country, clock)
    assert crossing.out_of is not None
    return words.went_to_sea.format(crossing.out_of.country, clock)


def _clock(time_s: float, now: float, zone: tzinfo) -> str:
    """04:52 UTC, with the date when it was not today."""
    moment = datetime.fromtimestamp(time_s, zone)
    clock = f"{moment:%H:%M} {moment:%Z}"
    return f"{moment:%Y-%m-%d} {clock}" if abs(now - time_s) > 86_400 else clock


def _disagreement(story: Story, words: Words) -> str:
    pairs = story.identity.contradictions()
    if not pairs:
        return ""
    told = [
        words.but.format(a.value, _source(a.source, words), b.value, _source(b.source, words)) for a, b in pairs[:3]
    ]
    return words.disagree.format("; ".join(told))
