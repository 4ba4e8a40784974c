"""NIC, Rc, NACp, NACv, SIL as the aircraft's version of the standard demands, and the memory of that version."""

from __future__ import annotations

import pytest

from receiver.tracking.quality import NAC_P_OF_VERSION_0, SIL_OF_VERSION_0, integrity
from tests.receiver.decode.frames import about
from tests.receiver.tracking.flying import Sky, status, velocity

NMI = 1852.0
PLACE = (52.3, 4.8)
# DO-260B table 2-14 (and N-4 for the older versions): type code, version, supplements A B C, NIC, Rc in m
TABLE = [
    (0, 2, "", 0, None), (5, 2, "", 11, 7.5), (6, 2, "", 10, 25), (7, 2, "a", 9, 75), (7, 2, "", 8, 0.1 * NMI),
    (8, 2, "ac", 7, 0.2 * NMI), (8, 2, "a", 6, 0.3 * NMI), (8, 2, "c", 6, 0.5 * NMI), (8, 2, "", 0, None),
    (8, 1, "a", 0, None), (8, 0, "ac", 0, None), (7, 0, "a", 8, 0.1 * NMI), (7, 1, "a", 9, 75),
    (9, 2, "", 11, 7.5), (10, 2, "", 10, 25), (11, 2, "ab", 9, 75), (11, 2, "a", 8, 0.1 * NMI), (11, 2, "", 8, 0.1 * NMI),
    (11, 1, "a", 9, 75), (11, 0, "ab", 8, 0.1 * NMI), (12, 2, "", 7, 0.2 * NMI), (13, 2, "b", 6, 0.3 * NMI),
    (13, 2, "", 6, 0.5 * NMI), (13, 2, "ab", 6, 0.6 * NMI), (13, 1, "a", 6, 0.6 * NMI), (13, 1, "", 6, 0.5 * NMI),
    (14, 2, "", 5, NMI), (15, 2, "", 4, 2 * NMI), (16, 2, "ab", 3, 4 * NMI), (16, 2, "", 2, 8 * NMI), (16, 1, "a", 3, 4 * NMI),
    (16, 0, "", 1, 10 * NMI), (17, 2, "", 1, 20 * NMI), (18, 2, "", 0, None), (20, 2, "", 11, 7.5), (21, 2, "", 10, 25),
    (22, 2, "", 0, None),
]  # fmt: skip


@pytest.mark.parametrize(("type_code", "version", "supplements", "nic", "rc_m"), TABLE)
def test_nic_and_rc_follow_the_table(
    type_code: int, version: int, supplements: str, nic: int, rc_m: float | None
) -> None:
    got = integrity(type_code, version, "a" in supplements, "b" in supplements, "c" in supplements)
    assert got.nic == nic
    assert got.rc_m == (None if rc_m is None else pytest.approx(rc_m))


def test_version_2_is_remembered_and_its_supplements_change_the_radius() -> None:
    sky = Sky()
    before = sky.pair(*PLACE, 0)
    assert (before.nic, before.adsb_version) == (8, None)
    said = sky.squit(status(2, nac_p=10, supplement_a=True), 1)
    assert (said.adsb_version, said.nac_p, said.sil, said.sil_type, said.gva, said.nic_baro) == (
        2,
        10,
        3,
        "perhour",
        2,
        1,
    )
    assert sky.place(*PLACE, 2, odd=False).nic == 8, "supplement A alone"
    both = sky.place(*PLACE, 3, odd=True, supplement_b=True)
    assert (both.nic, both.rc_m) == (9, 75.0)


def test_version_1_needs_supplement_a_alone() -> None:
    sky = Sky()
    sky.squit(status(1, supplement_a=True), 0)
    seen = sky.pair(*PLACE, 1)
    assert (seen.adsb_version, seen.nic, seen.rc_m, seen.gva) == (1, 9, 75.0, None)


def test_an_aircraft_that_never_says_its_version_is_version_0_after_a_while() -> None:
    sky = Sky()
    assert sky.pair(*PLACE, 0).adsb_version is None
    seen = sky.pair(*PLACE, 31)
    assert (seen.adsb_version, seen.nac_p, seen.sil, seen.sil_type) == (0, 8, 2, "unknown")


def test_a_version_from_a_repaired_frame_is_not_believed() -> None:
    sky = Sky()
    sky.pair(*PLACE, 0)
    assert sky.squit(status(2), 1, found="repaired").adsb_version is None
    assert sky.squit(status(2), 2).adsb_version == 2


def test_the_accuracy_of_velocity_counts_only_where_the_version_has_it() -> None:
    sky = Sky()
    assert sky.squit(velocity(300, 400, nac_v=2), 0).nac_v is None
    sky.squit(status(2), 1)
    assert sky.squit(velocity(300, 400, nac_v=2), 2).nac_v == 2


def test_a_changed_quality_names_what_has_changed() -> None:
    sky = Sky()
    assert {"adsb_version", "nac_p", "sil"} <= sky.squit(status(2, nac_p=9), 0).changed
    assert sky.squit(status(2, nac_p=8), 1).changed == {"nac_p"}
    assert sky.squit(status(2, nac_p=8), 2).changed == frozenset()


def test_on_the_ground_supplement_c_comes_from_the_surface_status() -> None:
    sky = Sky()
    sky.squit(status(2, surface=True, supplement_a=True, supplement_c=True), 0)
    sky.taxi(*PLACE, 1, odd=False)
    seen = sky.taxi(*PLACE, 2, odd=True)
    assert (seen.nic, seen.rc_m) == (8, about(0.1 * NMI))


def test_version_0_stands_for_an_accuracy_and_an_integrity_by_type_code() -> None:
    # DO-260B tables N-7 and N-8; for a surface position of type code 8 ED-102B table 2-304, which has 0
    accuracy = {5: 11, 6: 10, 7: 8, 9: 11, 10: 10, 11: 8, 12: 7, 13: 6, 14: 5, 15: 4, 16: 1, 17: 1, 20: 11, 21: 10}
    nothing = dict.fromkeys((0, 8, 18, 22), 0)
    assert accuracy | nothing == NAC_P_OF_VERSION_0
    assert dict.fromkeys(accuracy, 2) | nothing == SIL_OF_VERSION_0
