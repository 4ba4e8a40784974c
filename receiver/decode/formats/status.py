"""The flight status of DF4, 5, 20 and 21.

Source: ICAO Annex 10 vol. IV, 3.1.2.6.5.1.
"""

from __future__ import annotations

from receiver.record import record


@record
class FlightStatus:
    """`on_ground` is None where the code does not say. `alert`: the Mode A code changed; `spi`: ident button."""

    alert: bool
    spi: bool
    on_ground: bool | None


# The codes 6 and 7 are reserved and say nothing.
FLIGHT_STATUS: tuple[FlightStatus | None, ...] = (
    FlightStatus(alert=False, spi=False, on_ground=False),
    FlightStatus(alert=False, spi=False, on_ground=True),
    FlightStatus(alert=True, spi=False, on_ground=False),
    FlightStatus(alert=True, spi=False, on_ground=True),
    FlightStatus(alert=True, spi=True, on_ground=None),
    FlightStatus(alert=False, spi=True, on_ground=None),
    None,
    None,
)


def flight_status(data: bytes) -> FlightStatus | None:
    """The flight status in bits 6–8 of a reply; None for a reserved code."""
    return FLIGHT_STATUS[data[0] & 0x7]
