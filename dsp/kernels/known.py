"""What is known of the believed aircraft: address, capability, altitude, squawk. The table is `dsp.trust`'s."""

from __future__ import annotations

from dsp.compiled import helper, kernel, stage
from dsp.kernels.memory import Belief, Bits, Integers
from dsp.kernels.parity import field, remainder

NOTHING = -99999  # an altitude that is not known
SLOTS = 8192  # rows of the believed: open addressing by address
CODE_FLOOR = 0.1  # above e^−MOST_SURE · 500 / CODE_DOUBT, or one strong new code is never enough: how often a code that was never heard counts as heard


@kernel()
def slot_of(icao: int, rows: int) -> int:
    """The row, of a power of two of them, where an address is looked for first (multiplicative hashing)."""
    return (icao * 2654435761) >> 8 & (rows - 1)


@helper()
def find(icaos: Integers, icao: int) -> int:
    """Slot of an address, or −1."""
    slot = slot_of(icao, SLOTS)
    for _ in range(SLOTS):
        held = icaos[slot]
        if held == icao:
            return slot
        if held == 0:
            return -1
        slot = (slot + 1) & (SLOTS - 1)
    return -1


@helper()
def altitude_25ft(code: int) -> int:
    """Feet of a 13-bit altitude code with the Q bit; `NOTHING` without it, with metres, or when it is empty."""
    if code == 0 or code & 0x40 or not code & 0x10:
        return NOTHING
    n = ((code & 0x1F80) >> 2) | ((code & 0x20) >> 1) | (code & 0xF)
    return 25 * n - 1000


@helper()
def altitude_code(code: int, steps: int) -> int:
    """The code with the Q bit that is so many steps of 25 ft above another."""
    n = (((code & 0x1F80) >> 2) | ((code & 0x20) >> 1) | (code & 0xF)) + steps
    if n < 0 or n > 2047:
        return code
    return ((n & 0x7E0) << 2) | ((n & 0x10) << 1) | 0x10 | (n & 0xF)


@stage()
def plausible(df: int, hard: Bits, slot: int, now: float, belief: Belief) -> int:
    """Altitude or squawk of a frame against what is known of the address: 2 it agrees, 1 nothing is known, 0 it does not."""
    code = field(hard, 19, 32)
    if df == 5 or df == 21:
        known = belief.squawk[slot]
        if known < 0:
            return 1
        return 2 if known == code else 0
    known = altitude_25ft(belief.altitude[slot]) if belief.altitude[slot] > 0 else NOTHING
    if known == NOTHING:
        return 1
    altitude = altitude_25ft(code)
    if altitude == NOTHING:
        return 0
    # 6,000 ft/min is more than any airliner's climb
    return 2 if abs(altitude - known) <= 200 + 100 * abs(now - belief.seen_s[slot]) else 0


@stage()
def enter(icao: int, now: float, belief: Belief) -> int:
    """Believe an address that is not believed yet; the result is its slot."""
    slot = slot_of(icao, SLOTS)
    while belief.icao[slot] != 0:
        slot = (slot + 1) & (SLOTS - 1)
    belief.icao[slot] = icao
    belief.active[belief.many[0]] = slot
    belief.many[0] += 1
    belief.time_s[slot] = now
    belief.head[:, slot] = -1
    belief.altitude[slot] = -1
    belief.squawk[slot] = -1
    belief.seen_s[slot] = now
    belief.moved_s[slot] = -1e9
    return slot


@stage()
def learn(hard: Bits, n: int, df: int, number: int, now: float, belief: Belief) -> None:
    """Remember who was heard, how high and with which squawk. Here a clean frame introduces its address; see `introduce`."""
    icao = field(hard, 8, 32) if df == 11 or df == 17 or df == 18 else remainder(hard, n)
    if icao == 0:
        return
    slot = find(belief.icao, icao)
    if slot < 0:
        if number != 0 or (df != 17 and df != 18 and df != 11) or belief.many[0] > SLOTS - 64:
            return
        slot = enter(icao, now, belief)
    belief.time_s[slot] = now
    if df == 5 or df == 21:
        belief.squawk[slot] = field(hard, 19, 32)
        return
    if df == 11:
        for k in range(80):
            belief.codes[k] = 0.998 * belief.codes[k] + 0.002 * CODE_FLOOR
        belief.codes[remainder(hard, n)] += 1.0
    if df == 11 or df == 17 or df == 18:
        belief.head[1 if df == 18 else 0, slot] = field(hard, 5, 8)
    code = 0
    if df == 0 or df == 4 or df == 16 or df == 20:
        code = field(hard, 19, 32)
    elif df == 17 or df == 18:
        kind = field(hard, 32, 37)
        if kind < 9 or kind > 18:
            return
        code = field(hard, 40, 52)
        code = ((code & 0xFC0) << 1) | (code & 0x3F)  # 12 bits have no M bit
    if altitude_25ft(code) != NOTHING:
        if belief.altitude[slot] != code and belief.altitude[slot] >= 0:
            belief.moved_s[slot] = now
        belief.altitude[slot] = code
        belief.seen_s[slot] = now
