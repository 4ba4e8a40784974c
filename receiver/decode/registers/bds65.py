"""BDS 6,5: operational status (type code 31), which says by which version of the standard all else is to be read.

    bits  1– 5  31
          6– 8  subtype: 0 airborne, 1 surface
          9–24  capability class; surface, version 2: 17–19 NACv, 20 NIC supplement C
         25–40  operational mode; 25–26 are 0, 27 ACAS advisory active, 28 ident, 31–32 SDA (version 2)
         41–43  version
            44  NIC supplement A (versions 1 and 2)
         45–48  NACp
         49–50  version 2, airborne: GVA
         51–52  SIL
            53  airborne: NICbaro; surface: BDS 0,6 carries 0 a track, 1 a heading
            54  headings are 0 true, 1 magnetic
            55  version 2: SIL is 0 per hour, 1 per sample
            56  ADS-R: IMF

Source: ICAO Doc 9871, tables for BDS 6,5, DO-260B 2.2.3.2.7.2; bits 41–55 as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from pyModeS.decoder.bds import bds65

from receiver.decode.bits import field, flag
from receiver.record import record


@record
class OperationalStatus:
    """None: this version or subtype does not say. `version` is 0–7; above 2 it is read as version 2, as later versions
    promise to stay readable."""

    surface: bool
    version: int
    nic_supplement_a: bool | None
    nic_supplement_c: bool | None
    nac_p: int | None
    nac_v: int | None
    sil: int | None
    sil_type: str | None
    gva: int | None
    sda: int | None
    nic_baro: int | None
    headings_are_magnetic: bool | None
    surface_sends_heading: bool | None
    acas_ra_active: bool | None

    bds = "6,5"


def decode_bds65(me: int) -> OperationalStatus | None:
    """Read the register; any 56 bits with a type code of 31. None for the reserved subtypes 2–7."""
    subtype = field(me, 6, 8)
    if subtype > 1:
        return None
    raw = bds65.decode_bds65(me)
    surface = subtype == 1
    version = raw["version"]
    modern = version >= 1
    newest = version >= 2
    modes_defined = field(me, 25, 26) == 0
    surface_class = surface and newest and field(me, 9, 10) == 0
    return OperationalStatus(
        surface=surface,
        version=version,
        nic_supplement_a=bool(raw["nic_supplement_a"]) if modern else None,
        nic_supplement_c=flag(me, 20) if surface_class else None,
        nac_p=raw["nac_p"] if modern else None,
        nac_v=field(me, 17, 19) if surface_class else None,
        sil=raw["sil"] if modern else None,
        sil_type=("persample" if flag(me, 55) else "perhour") if newest else "unknown" if modern else None,
        gva=field(me, 49, 50) if newest and not surface else None,
        sda=field(me, 31, 32) if newest and modes_defined else None,
        nic_baro=raw.get("nic_baro"),
        headings_are_magnetic=bool(raw["hrd"]) if modern else None,
        surface_sends_heading=flag(me, 53) if surface and modern else None,
        acas_ra_active=flag(me, 27) if modern and modes_defined else None,
    )
