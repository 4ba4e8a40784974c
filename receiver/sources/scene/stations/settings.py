"""What crews have set: squawk, call sign, emergency and the like, at any moments of any aircraft."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from receiver.decode.registers.bds61 import EMERGENCY_STATES
from receiver.sources.scene import encode, traffic
from receiver.sources.scene.stations.chances import Floats
from receiver.sources.scene.traffic import Aircraft

ALONE_S = 1e7  # between the events of two aircraft, on one axis

Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Setting:
    """What crews have set at the moments of some frames; `position`: 0 good, 1 poor, 2 lost."""

    squawk: Integers
    callsign: Integers
    identification: Integers
    is_called: Bools
    emergency: Integers
    position: Integers
    silent: Bools
    alert: Bools
    ident: Bools


class Settings:
    """What crews set and when, of all aircraft on one axis of time."""

    def __init__(self, aircraft: list[Aircraft]) -> None:
        rows: list[tuple[float, ...]] = []
        columns: list[tuple[int, int, int, bool, int, int, bool]] = []
        for number, one in enumerate(aircraft):
            moments = [-1e6, *(event.at_s for event in one.events)]
            for at_s in dict.fromkeys(moments):
                said = one.said(at_s)
                code = 0 if said.callsign is None else encode.callsign_code(said.callsign)
                me = 0 if said.callsign is None else encode.identification(said.callsign, one.flight.category)
                columns.append(
                    (
                        encode.squawk_code(said.squawk),
                        code,
                        me,
                        said.callsign is not None,
                        EMERGENCY_STATES.index(said.emergency),
                        ("good", "poor", "lost").index(said.position),
                        said.silent,
                    )
                )
                rows.append((number * ALONE_S + at_s, said.squawk_since_s, said.ident_since_s))
        self._axis, self._squawk_since_s, self._ident_since_s = np.array(rows, np.float64).reshape(-1, 3).T
        table = np.array(columns, np.int64).reshape(-1, 7)
        self._columns = [np.ascontiguousarray(table[:, k]) for k in range(7)]

    def at(self, who: NDArray[np.intp], time_s: Floats) -> Setting:
        """What was set on board of some aircraft at some times."""
        row = np.searchsorted(self._axis, who * ALONE_S + time_s, side="right") - 1
        squawk, callsign, me, is_called, emergency, position, silent = (column[row] for column in self._columns)
        since, pressed = time_s - self._squawk_since_s[row], time_s - self._ident_since_s[row]
        return Setting(
            squawk=squawk,
            callsign=callsign,
            identification=me,
            is_called=is_called != 0,
            emergency=emergency,
            position=position,
            silent=silent != 0,
            alert=(emergency != 0) | ((since >= 0.0) & (since < traffic.ALERT_S)),
            ident=(pressed >= 0.0) & (pressed < traffic.ALERT_S),
        )
