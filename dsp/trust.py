"""The addresses that are believed: heard in a frame whose parity proves itself, or found by repair in two that differ.

A frame whose parity hides the address, or that was repaired, counts only for one of these. What was last heard of their
capability, altitude and squawk is kept, for it is what their next frames are expected to say.
"""

from __future__ import annotations

import numpy as np

from dsp.kernels.known import CODE_FLOOR, SLOTS, slot_of
from dsp.kernels.memory import Belief

MOST = SLOTS // 2
LIFETIME_S = 120.0


class BelievedAddresses:
    """A table of fixed size: 600 kB, never more. Times are seconds of the stream's samples.

    Attributes
    ----------
    icao
        int64 (SLOTS,): address, 0 where the slot is free (open addressing).
    time_s
        When it was last heard.
    head
        Bits 6–8 of its last DF11 or DF17 (capability), and of its last DF18 (control field), −1 when none is known.
    altitude
        Last 13-bit altitude code in steps of 25 ft, −1 when none is known.
    squawk
        Last 13-bit identity code, −1 when none is known.
    seen_s, moved_s
        When the altitude was heard; when it was another than before.
    codes
        float64 (80,): how often each interrogator's code was heard, of late.
    suspect, suspect_parity, suspect_s
        Addresses found by repair that wait for a second frame (a cell by address), the parity of the first, and when it was.
    """

    def __init__(self) -> None:
        self.icao = np.zeros(SLOTS, np.int64)
        self.time_s = np.zeros(SLOTS, np.float64)
        self.head = np.full((2, SLOTS), -1, np.int64)
        self.altitude = np.full(SLOTS, -1, np.int64)
        self.squawk = np.full(SLOTS, -1, np.int64)
        self.seen_s = np.zeros(SLOTS, np.float64)
        self.codes = np.full(80, CODE_FLOOR)
        self.codes[0] = 20.0
        self.moved_s = np.full(SLOTS, -1e9)
        self._active = np.zeros(SLOTS, np.int64)
        self._many = np.zeros(1, np.int64)
        self.suspect = np.zeros(1024, np.int64)
        self.suspect_parity = np.zeros(1024, np.int64)
        self.suspect_s = np.full(1024, -1e9)

    def __len__(self) -> int:
        return int(np.count_nonzero(self.icao))

    def rows(self) -> Belief:
        """The table as the kernels take it; they write into it."""
        used = np.flatnonzero(self.icao)
        self._active[: len(used)] = used
        self._many[0] = len(used)
        return Belief(
            self.icao,
            self.time_s,
            self.head,
            self.altitude,
            self.squawk,
            self.seen_s,
            self.codes,
            self.moved_s,
            self.suspect,
            self.suspect_parity,
            self.suspect_s,
            self._active,
            self._many,
        )

    def add(self, icao: int, now_s: float) -> None:
        """Believe an address (1–0xFFFFFF) from elsewhere, for instance the tracker."""
        if len(self) > SLOTS - 64:
            self.expire(now_s)
        slot = slot_of(icao, SLOTS)
        while self.icao[slot] not in (0, icao):
            slot = (slot + 1) & (SLOTS - 1)
        if self.icao[slot] == 0:
            self.head[:, slot] = self.altitude[slot] = self.squawk[slot] = -1
            self.seen_s[slot], self.moved_s[slot] = now_s, -1e9
        self.icao[slot], self.time_s[slot] = icao, now_s

    def expire(self, now_s: float) -> None:
        """Forget who has not been heard for `LIFETIME_S`, and the oldest when there are more than `MOST`."""
        used = np.flatnonzero(self.icao)
        keep = used[np.abs(now_s - self.time_s[used]) <= LIFETIME_S]
        if len(keep) == len(used) and len(used) <= MOST:
            return
        if len(keep) > MOST:
            # A flood: make room for more than the next one, for this takes a few ms
            keep = keep[np.argsort(-self.time_s[keep], kind="stable")][: MOST * 3 // 4]
        icaos = self.icao[keep].tolist()
        columns = (self.time_s, *self.head, self.altitude, self.squawk, self.seen_s, self.moved_s)
        kept = [column[keep] for column in columns]
        self.icao[:] = 0
        slots = []
        for icao in icaos:
            slot = slot_of(icao, SLOTS)
            while self.icao[slot]:
                slot = (slot + 1) & (SLOTS - 1)
            self.icao[slot] = icao
            slots.append(slot)
        for column, values in zip(columns, kept, strict=True):
            column[slots] = values
