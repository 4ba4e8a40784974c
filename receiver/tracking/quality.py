"""What the type code of a position and the operational status say about its quality, by version of the standard.

Version 3 keeps the supplements A, B and C as they are and grades the type codes with geometric height (20–22) by a
supplement D, which comes with the velocity. A supplement that is not known is read as the one that promises least.

Surface positions of version 0 with type code 8 say nothing of accuracy or integrity: NACp and SIL are 0, as ED-102B
table 2-304 has it; DO-260B table N-8 gives a SIL of 2 for any position.

Source: DO-260B tables 2-14 and N-4 to N-11 (NIC, Rc by type code and supplement; NACp, SIL that a version-0 type code
stands for), by way of readsb and the issues of SeRo Systems' lib1090; ED-102B table 2-11 for version 3, by way of the same.
"""

from __future__ import annotations

from typing import NamedTuple

from receiver.earth import METRES_PER_NMI


class Integrity(NamedTuple):
    """`nic`: navigation integrity category, 0–11. `rc_m`: radius of containment, None when it is not bounded."""

    nic: int
    rc_m: float | None


_UNKNOWN = Integrity(0, None)
# Those that no supplement changes.
_BY_TYPE_CODE = {
    5: Integrity(11, 7.5),
    6: Integrity(10, 25.0),
    9: Integrity(11, 7.5),
    10: Integrity(10, 25.0),
    12: Integrity(7, 0.2 * METRES_PER_NMI),
    14: Integrity(5, 1.0 * METRES_PER_NMI),
    15: Integrity(4, 2.0 * METRES_PER_NMI),
    17: Integrity(1, 20.0 * METRES_PER_NMI),
    20: Integrity(11, 7.5),
    21: Integrity(10, 25.0),
}
# With geometric height in version 3: by type code and NIC supplement D. In whole metres as the standard's readers give them
# (0.2 nmi are 370); for the versions before, the views round up, as readsb does (371).
_BY_SUPPLEMENT_D = {
    20: (Integrity(8, 185.0), Integrity(9, 75.0), Integrity(10, 25.0), Integrity(11, 7.5)),
    21: (Integrity(7, 370.0),) * 4,
    22: (_UNKNOWN, Integrity(4, 3704.0), Integrity(5, 1852.0), Integrity(6, 1111.0)),
}
_NIC_9 = Integrity(9, 75.0)
_NIC_8 = Integrity(8, 0.1 * METRES_PER_NMI)


def integrity(type_code: int, version: int, a: bool, b: bool | None, c: bool, d: int = 0) -> Integrity:
    """NIC and Rc of a position.

    Parameters
    ----------
    type_code
        Of the position message, 0–22.
    version
        Of ADS-B, 0–3 (above: as 3).
    a, b, c, d
        The NIC supplements: A from the operational status, B from the airborne position (None: not known), C from the
        surface status, D (0–3) from the velocity. Version 0 has none, version 1 only A, and only version 3 has D.
    """
    if version >= 3 and type_code in _BY_SUPPLEMENT_D:
        return _BY_SUPPLEMENT_D[type_code][d]
    fixed = _BY_TYPE_CODE.get(type_code)
    if fixed is not None:
        return fixed
    if version == 0:
        a = b = c = False
    if type_code == 7:
        return _NIC_9 if a and not c else _NIC_8
    if type_code == 8:
        if version < 2 or not (a or c):
            return _UNKNOWN
        if a and c:
            return Integrity(7, 0.2 * METRES_PER_NMI)
        return Integrity(6, 0.3 * METRES_PER_NMI if a else 0.5 * METRES_PER_NMI)
    # in version 1 one supplement does what takes two in version 2
    wide = a and (version == 1 or bool(b))
    if type_code == 11:
        return _NIC_9 if wide else _NIC_8
    if type_code == 13:
        if wide or (a and b is None):
            return Integrity(6, 0.6 * METRES_PER_NMI)
        return Integrity(6, 0.3 * METRES_PER_NMI if b and not a and version >= 2 else 0.5 * METRES_PER_NMI)
    if type_code == 16:
        if version == 0:
            return Integrity(1, 10.0 * METRES_PER_NMI)
        return Integrity(3, 4.0 * METRES_PER_NMI) if wide else Integrity(2, 8.0 * METRES_PER_NMI)
    return _UNKNOWN


# Version 0 says nothing but the type code; these are what it stands for.
NAC_P_OF_VERSION_0 = {
    0: 0, 5: 11, 6: 10, 7: 8, 8: 0, 9: 11, 10: 10, 11: 8, 12: 7, 13: 6, 14: 5, 15: 4, 16: 1, 17: 1, 18: 0, 20: 11, 21:
    10, 22: 0,
}  # fmt: skip
SIL_OF_VERSION_0 = {
    0: 0, 5: 2, 6: 2, 7: 2, 8: 0, 9: 2, 10: 2, 11: 2, 12: 2, 13: 2, 14: 2, 15: 2, 16: 2, 17: 2, 18: 0, 20: 2, 21: 2,
    22: 0,
}  # fmt: skip
