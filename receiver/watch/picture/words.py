"""The few words on a card outside of the sentence, by language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardWords:
    """Labels. `thousands` and `point` separate the digits of a number."""

    laps: str
    times: str
    diameter: str
    length: str
    period: str
    hand: str
    hands: dict[str, str]
    altitude: str
    speed: str
    over: str
    aircraft: str
    unheard: str
    no_position: str
    thousands: str
    point: str


ENGLISH = CardWords(
    laps="laps",
    times="times",
    diameter="diameter",
    length="length",
    period="one lap",
    hand="turning",
    hands={"left": "left", "right": "right", "both": "both ways"},
    altitude="altitude",
    speed="speed",
    over="over",
    aircraft="aircraft {}",
    unheard="not heard",
    no_position="No position was heard.",
    thousands=",",
    point=".",
)

SPANISH = CardWords(
    laps="vueltas",
    times="veces",
    diameter="diámetro",
    length="longitud",
    period="una vuelta",
    hand="giro",
    hands={"left": "a la izquierda", "right": "a la derecha", "both": "a ambos lados"},
    altitude="altitud",
    speed="velocidad",
    over="terminado",
    aircraft="aeronave {}",
    unheard="sin recepción",
    no_position="No se recibió ninguna posición.",
    thousands=".",
    point=",",
)

LANGUAGES = {"en": ENGLISH, "es": SPANISH}
