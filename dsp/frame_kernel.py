"""From a place where a preamble may be to a frame whose parity is right: gate, timing, carrier, bits, format, repair.

One file, because numba does not notice an edited callee in another one. Each stage is a function that can be read beside
docs/demodulator.md; `try_frame` is the way through them.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from dsp.crc import bit_syndromes

SYNDROMES_112 = bit_syndromes(112)
SYNDROMES_56 = bit_syndromes(56)

GATE_BITS = 20
EYE_BITS = 24
CARRIER_SPAN = 10  # bits to each side that the carrier's phase is averaged over
DEPTH_MOST = 28  # least reliable bits that repair may look at

# Why a candidate gave no frame (index into `counters`), and what is counted besides
CANDIDATES, GATED, TRIED, UNREPAIRED, UNBELIEVED, DOUBTFUL, IMPLAUSIBLE, ACCEPTED = range(8)

# Fields of `settings`
GATE, DEPTH, FLIPS, AP_FLIPS, TIMINGS, LEAST_FIT, LEAST_FIT_AP, COST_LIMIT = range(8)

# Rows of `believed`: open addressing by address
SLOTS = 8192


@njit(nogil=True, cache=True, fastmath=True)
def soft_pulses(re, im, start, rate, bank_s, bank_d, before, first, last, sr, si, dr, di):
    """S and D (see `dsp.filters`) of bits first…last−1 of a frame whose first bit begins at `start` samples."""
    taps = bank_s.shape[1]
    for bit in range(first, last):
        tenths = int((start + bit * rate) * 10.0 + 0.5)
        k = tenths // 10 - before
        phase = tenths % 10
        a = np.float32(0.0)
        b = np.float32(0.0)
        c = np.float32(0.0)
        d = np.float32(0.0)
        s_row = bank_s[phase]
        d_row = bank_d[phase]
        x = re[k : k + taps]
        y = im[k : k + taps]
        for tap in range(taps):
            a += s_row[tap] * x[tap]
            b += s_row[tap] * y[tap]
            c += d_row[tap] * x[tap]
            d += d_row[tap] * y[tap]
        sr[bit] = a
        si[bit] = b
        dr[bit] = c
        di[bit] = d


@njit(nogil=True, cache=True, fastmath=True)
def coherence(sr, si, first, last):
    """How steadily S turns from bit to bit: 1 for a carrier, about 1/sqrt(bits) for noise."""
    x = np.float32(0.0)
    y = np.float32(0.0)
    power = np.float32(1e-20)
    for bit in range(first, last - 1):
        x += sr[bit + 1] * sr[bit] + si[bit + 1] * si[bit]
        y += si[bit + 1] * sr[bit] - sr[bit + 1] * si[bit]
        power += sr[bit] * sr[bit] + si[bit] * si[bit]
    return math.sqrt(x * x + y * y) / power


@njit(nogil=True, cache=True, fastmath=True)
def eye_opening(sr, si, dr, di, first, last):
    """Sum of |Re(S · conj(D))|: largest when the filters stand on the bits."""
    total = np.float32(0.0)
    for bit in range(first, last):
        total += abs(sr[bit] * dr[bit] + si[bit] * di[bit])
    return total


@njit(nogil=True, cache=True, fastmath=True)
def carrier(sr, si, dr, di, n, span, ur, ui, soft):
    """Carrier phase at every bit (unit vectors ur, ui), soft bits Re(conj(u)·D); the result is its turn per bit, rad.

    The turn is that of the lag-1 product of S; what is left is averaged over ±span bits. A second pass averages the
    pulses of the decided halves instead of S, which leaves out the noise of the empty halves.
    """
    x = 0.0
    y = 0.0
    for bit in range(n - 1):
        x += sr[bit + 1] * sr[bit] + si[bit + 1] * si[bit]
        y += si[bit + 1] * sr[bit] - sr[bit + 1] * si[bit]
    turn = math.atan2(y, x)
    step_r = np.float32(math.cos(turn))
    step_i = np.float32(math.sin(turn))
    for decided in range(2):
        # Sums of the pilot, turned back to the middle bit of the window, by a recursive window: add the new, take the old
        cr = np.float32(1.0)
        ci = np.float32(0.0)
        # pilot turned back by bit * turn
        for bit in range(n):
            if decided:
                sign = np.float32(1.0) if soft[bit] > 0 else np.float32(-1.0)
                pr = np.float32(0.5) * (sr[bit] + sign * dr[bit])
                pi = np.float32(0.5) * (si[bit] + sign * di[bit])
            else:
                pr = sr[bit]
                pi = si[bit]
            ur[bit] = pr * cr + pi * ci
            ui[bit] = pi * cr - pr * ci
            t = cr * step_r - ci * step_i
            ci = cr * step_i + ci * step_r
            cr = t
        wr = np.float32(0.0)
        wi = np.float32(0.0)
        for bit in range(min(span, n)):
            wr += ur[bit]
            wi += ui[bit]
        cr = np.float32(1.0)
        ci = np.float32(0.0)
        for bit in range(n):
            if bit + span < n:
                wr += ur[bit + span]
                wi += ui[bit + span]
            if bit - span - 1 >= 0:
                wr -= ur[bit - span - 1]
                wi -= ui[bit - span - 1]
            size = math.sqrt(wr * wr + wi * wi) + 1e-20
            vr = (wr * cr - wi * ci) / size
            vi = (wr * ci + wi * cr) / size
            soft[bit] = vr * dr[bit] + vi * di[bit]
            t = cr * step_r - ci * step_i
            ci = cr * step_i + ci * step_r
            cr = t
    return turn


@njit(nogil=True, cache=True, fastmath=True)
def fit(soft, dr, di, n):
    """How well the bits fit a carrier: mean |soft| over the rms of D. 1 without noise, 0.56 for noise alone."""
    total = 0.0
    power = 1e-20
    for bit in range(n):
        total += abs(soft[bit])
        power += dr[bit] * dr[bit] + di[bit] * di[bit]
    return total / math.sqrt(power * n)


@njit(nogil=True, cache=True)
def likely_formats(soft, formats):
    """The two most likely downlink formats by the soft values of the first five bits, best first, into `formats`."""
    best = -1e30
    second = -1e30
    formats[0] = -1
    formats[1] = -1
    for index in range(9):
        if index == 0:
            df = 17
        elif index == 1:
            df = 11
        elif index == 2:
            df = 4
        elif index == 3:
            df = 20
        elif index == 4:
            df = 0
        elif index == 5:
            df = 5
        elif index == 6:
            df = 21
        elif index == 7:
            df = 18
        else:
            df = 16
        score = 0.0
        for bit in range(5):
            score += soft[bit] if (df >> (4 - bit)) & 1 else -soft[bit]
        if score > best:
            second = best
            formats[1] = formats[0]
            best = score
            formats[0] = df
        elif score > second:
            second = score
            formats[1] = df
    return best - second


@njit(nogil=True, cache=True)
def find(believed_icao, icao):
    """Slot of an address, or −1."""
    slot = (icao * 2654435761) >> 8 & (SLOTS - 1)
    for _ in range(SLOTS):
        held = believed_icao[slot]
        if held == icao:
            return slot
        if held == 0:
            return -1
        slot = (slot + 1) & (SLOTS - 1)
    return -1


@njit(nogil=True, cache=True)
def altitude_25ft(code):
    """Feet of a 13-bit altitude code with the Q bit; −99999 without it, with metres, or when it is empty."""
    if code == 0 or code & 0x40 or not code & 0x10:
        return -99999
    n = ((code & 0x1F80) >> 2) | ((code & 0x20) >> 1) | (code & 0xF)
    return 25 * n - 1000


@njit(nogil=True, cache=True)
def weakest(soft, first, n, depth, order):
    """Indices of the `depth` bits of least |soft| among first…n−1, least first."""
    count = 0
    for bit in range(first, n):
        size = abs(soft[bit])
        if count == depth and size >= abs(soft[order[count - 1]]):
            continue
        if count < depth:
            count += 1
        place = count - 1
        while place > 0 and abs(soft[order[place - 1]]) > size:
            order[place] = order[place - 1]
            place -= 1
        order[place] = bit
    return count


@njit(nogil=True, cache=True)
def repair(syndrome, syndromes, soft, order, count, most, limit, heads, links, keys, pair_a, pair_b, flips):
    """The set of at most `most` (1–4) of the bits in `order` whose syndromes cancel `syndrome` at least soft cost.

    Meets in the middle: syndromes of all pairs go into a hash table, then every single and pair looks for its partner.
    The result is how many bits are in `flips`, or 0 when there is no set that costs less than `limit`.
    """
    best = limit
    found = 0
    for a in range(count):
        if syndromes[order[a]] == syndrome:
            cost = abs(soft[order[a]])
            if cost < best:
                best = cost
                found = 1
                flips[0] = order[a]
    if most < 2:
        return found
    mask = heads.shape[0] - 1
    heads[:] = -1
    pairs = 0
    for a in range(count):
        cost_a = abs(soft[order[a]])
        for b in range(a + 1, count):
            cost = cost_a + abs(soft[order[b]])
            if cost >= best:
                break  # in `order` each bit costs more than the one before
            value = syndromes[order[a]] ^ syndromes[order[b]]
            if value == syndrome:
                best = cost
                found = 2
                flips[0] = order[a]
                flips[1] = order[b]
            if most > 2:
                slot = value & mask
                keys[pairs] = value
                pair_a[pairs] = a
                pair_b[pairs] = b
                links[pairs] = heads[slot]
                heads[slot] = pairs
                pairs += 1
    if most < 3:
        return found
    for a in range(count):
        cost_a = abs(soft[order[a]])
        if cost_a >= best:
            break
        want = syndrome ^ syndromes[order[a]]
        pair = heads[want & mask]
        while pair >= 0:
            i = pair_a[pair]
            j = pair_b[pair]
            if keys[pair] == want and i > a:
                cost = cost_a + abs(soft[order[i]]) + abs(soft[order[j]])
                if cost < best:
                    best = cost
                    found = 3
                    flips[0] = order[a]
                    flips[1] = order[i]
                    flips[2] = order[j]
            pair = links[pair]
    if most < 4:
        return found
    for first in range(pairs):
        k = pair_a[first]
        m = pair_b[first]
        cost_first = abs(soft[order[k]]) + abs(soft[order[m]])
        if cost_first >= best:
            continue
        want = syndrome ^ keys[first]
        pair = heads[want & mask]
        while pair >= 0:
            i = pair_a[pair]
            j = pair_b[pair]
            if keys[pair] == want and i > k and i != m and j != m:
                cost = cost_first + abs(soft[order[i]]) + abs(soft[order[j]])
                if cost < best:
                    best = cost
                    found = 4
                    flips[0] = order[k]
                    flips[1] = order[m]
                    flips[2] = order[i]
                    flips[3] = order[j]
            pair = links[pair]
    return found


@njit(nogil=True, cache=True)
def plausible(df, soft_hard, slot, now, believed_altitude, believed_squawk, believed_seen):
    """2: the altitude or squawk of the frame agrees with what is known of the address; 1: nothing is known; 0: it does
    not."""
    code = 0
    for bit in range(19, 32):
        code = (code << 1) | soft_hard[bit]
    if df == 5 or df == 21:
        known = believed_squawk[slot]
        if known < 0:
            return 1
        return 2 if known == code else 0
    known = believed_altitude[slot]
    if known == -99999:
        return 1
    altitude = altitude_25ft(code)
    if altitude == -99999:
        return 0
    # 6,000 ft/min is more than any airliner's climb
    return 2 if abs(altitude - known) <= 200 + 100 * (now - believed_seen[slot]) else 0


@njit(nogil=True, cache=True)
def decide(
    n,
    df,
    soft,
    hard,
    quality,
    now,
    settings,
    believed_icao,
    believed_time,
    believed_altitude,
    believed_squawk,
    believed_seen,
    order,
    heads,
    links,
    keys,
    pair_a,
    pair_b,
    flips,
    counters,
):
    """Parity, repair and trust for one format: −1 rejected, else the bits flipped. `hard` holds the frame."""
    syndromes = SYNDROMES_112 if n == 112 else SYNDROMES_56
    for bit in range(n):
        hard[bit] = 1 if soft[bit] > 0 else 0
    for bit in range(5):
        hard[bit] = (df >> (4 - bit)) & 1
    syndrome = np.uint32(0)
    for bit in range(n):
        if hard[bit]:
            syndrome ^= syndromes[bit]
    most = int(settings[FLIPS])
    if df == 17 or df == 18 or df == 11:
        if syndrome == 0:
            if quality < settings[LEAST_FIT]:
                counters[DOUBTFUL] += 1
                return -1
            return 0
        icao = 0
        for bit in range(8, 32):
            icao = (icao << 1) | hard[bit]
        if df == 11 and syndrome < 80 and quality >= settings[LEAST_FIT]:
            # The interrogator's code lies over the parity: believed only from an address that is
            return 0 if find(believed_icao, icao) >= 0 else -1
        if most == 0:
            return -1
        total = 0.0
        for bit in range(n):
            total += abs(soft[bit])
        depth = min(int(settings[DEPTH]), DEPTH_MOST)
        count = weakest(soft, 5, n, depth, order)
        limit = settings[COST_LIMIT] * total / n
        number = repair(syndrome, syndromes, soft, order, count, most, limit, heads, links, keys, pair_a, pair_b, flips)
        if number == 0:
            counters[UNREPAIRED] += 1
            return -1
        for index in range(number):
            hard[flips[index]] ^= 1
        icao = 0
        for bit in range(8, 32):
            icao = (icao << 1) | hard[bit]
        if find(believed_icao, icao) < 0:
            clean = number == 1 and df == 17 and flips[0] == order[0] and quality > 0.8
            if not clean:
                counters[UNBELIEVED] += 1
                return -1
        return number
    # Address/parity: the remainder is the address
    slot = find(believed_icao, np.int64(syndrome)) if syndrome != 0 else -1
    if slot >= 0:
        if quality < settings[LEAST_FIT_AP] - 0.12:
            counters[DOUBTFUL] += 1
            return -1
        agrees = plausible(df, hard, slot, now, believed_altitude, believed_squawk, believed_seen)
        if agrees == 2 or quality >= settings[LEAST_FIT_AP]:
            return 0
        counters[IMPLAUSIBLE] += 1
        return -1
    most = int(settings[AP_FLIPS])
    if most == 0 or quality < settings[LEAST_FIT_AP]:
        return -1
    count = weakest(soft, 5, n, 8, order)
    for a in range(count):
        first = syndrome ^ syndromes[order[a]]
        for b in range(a, count if most > 1 else a + 1):
            value = first if b == a else first ^ syndromes[order[b]]
            slot = find(believed_icao, np.int64(value)) if value != 0 else -1
            if slot >= 0:
                hard[order[a]] ^= 1
                if b != a:
                    hard[order[b]] ^= 1
                if plausible(df, hard, slot, now, believed_altitude, believed_squawk, believed_seen) == 2:
                    return 1 if b == a else 2
                counters[IMPLAUSIBLE] += 1
                hard[order[a]] ^= 1
                if b != a:
                    hard[order[b]] ^= 1
    return -1


@njit(nogil=True, cache=True)
def demodulate(
    re,
    im,
    places,
    n_places,
    origin,
    rate,
    bank_s,
    bank_d,
    before,
    settings,
    believed_icao,
    believed_time,
    believed_altitude,
    believed_squawk,
    believed_seen,
    begin_at,
    last_start,
    out_start,
    out_data,
    out_bits,
    out_signal,
    out_turn,
    out_flips,
    counters,
):
    """Try every place (half samples of this window) in order; fill the out arrays; the result is (frames, resume).

    `origin` is the stream's index of sample 0 of the window; `resume` the half-sample place before which everything has
    been dealt with, because a frame that was found reaches so far.
    """
    sr = np.empty(112, np.float32)
    si = np.empty(112, np.float32)
    dr = np.empty(112, np.float32)
    di = np.empty(112, np.float32)
    ur = np.empty(112, np.float32)
    ui = np.empty(112, np.float32)
    soft = np.empty(112, np.float32)
    hard = np.empty(112, np.uint8)
    order = np.empty(DEPTH_MOST, np.int64)
    flips = np.empty(4, np.int64)
    formats = np.empty(2, np.int64)
    heads = np.empty(1024, np.int64)
    pairs_most = DEPTH_MOST * (DEPTH_MOST - 1) // 2
    links = np.empty(pairs_most, np.int64)
    keys = np.empty(pairs_most, np.uint32)
    pair_a = np.empty(pairs_most, np.int64)
    pair_b = np.empty(pairs_most, np.int64)
    eyes = np.empty(9, np.float64)
    found = 0
    skip = begin_at
    samples = re.shape[0]
    taps = bank_s.shape[1]
    for index in range(n_places):
        place = places[index]
        if place < skip:
            continue
        if place >= last_start or found >= out_start.shape[0]:
            break
        begin = 0.5 * place + 8.0 * rate
        if begin - before - 1 < 0 or begin + 113 * rate + taps > samples:
            continue
        counters[CANDIDATES] += 1
        soft_pulses(re, im, begin, rate, bank_s, bank_d, before, 0, GATE_BITS, sr, si, dr, di)
        if coherence(sr, si, 0, GATE_BITS) < settings[GATE]:
            continue
        counters[GATED] += 1
        best = -1
        for step in range(9):
            soft_pulses(re, im, begin + 0.2 * (step - 4), rate, bank_s, bank_d, before, 0, EYE_BITS, sr, si, dr, di)
            eyes[step] = eye_opening(sr, si, dr, di, 0, EYE_BITS)
            if best < 0 or eyes[step] > eyes[best]:
                best = step
        # a parabola through the best and its neighbours
        fine = 0.0
        if 0 < best < 8:
            bend = eyes[best - 1] - 2 * eyes[best] + eyes[best + 1]
            if bend < 0:
                fine = 0.5 * (eyes[best - 1] - eyes[best + 1]) / bend
        centre = begin + 0.2 * (best - 4 + fine)
        for attempt in range(int(settings[TIMINGS])):
            start = centre + (0.0 if attempt == 0 else 0.2 if attempt == 1 else -0.2)
            counters[TRIED] += 1
            soft_pulses(re, im, start, rate, bank_s, bank_d, before, 0, 56, sr, si, dr, di)
            turn = carrier(sr, si, dr, di, 56, CARRIER_SPAN, ur, ui, soft)
            likely_formats(soft, formats)
            done = False
            long_ready = False
            short_quality = fit(soft, dr, di, 56)
            quality = short_quality
            for hypothesis in range(2):
                df = formats[hypothesis]
                if df < 0:
                    continue
                n = 112 if df >= 16 else 56
                if n == 112 and not long_ready:
                    soft_pulses(re, im, start, rate, bank_s, bank_d, before, 56, 112, sr, si, dr, di)
                    turn = carrier(sr, si, dr, di, 112, CARRIER_SPAN, ur, ui, soft)
                    quality = fit(soft, dr, di, 112)
                    long_ready = True
                elif n == 56 and long_ready:
                    turn = carrier(sr, si, dr, di, 56, CARRIER_SPAN, ur, ui, soft)
                    quality = short_quality
                    long_ready = False
                now = (origin + start) / (rate * 1e6)
                number = decide(
                    n,
                    df,
                    soft,
                    hard,
                    quality,
                    now,
                    settings,
                    believed_icao,
                    believed_time,
                    believed_altitude,
                    believed_squawk,
                    believed_seen,
                    order,
                    heads,
                    links,
                    keys,
                    pair_a,
                    pair_b,
                    flips,
                    counters,
                )
                if number < 0:
                    continue
                counters[ACCEPTED] += 1
                amplitude = 0.0
                for bit in range(n):
                    amplitude += abs(soft[bit])
                amplitude /= n
                out_start[found] = origin + start - 8.0 * rate
                for byte in range(14):
                    value = 0
                    if byte < n // 8:
                        for bit in range(8):
                            value = (value << 1) | hard[8 * byte + bit]
                    out_data[found, byte] = value
                out_bits[found] = n
                out_signal[found] = 20 * math.log10(amplitude + 1e-12)
                out_turn[found] = turn
                out_flips[found] = number
                learn(
                    hard,
                    n,
                    df,
                    number,
                    now,
                    believed_icao,
                    believed_time,
                    believed_altitude,
                    believed_squawk,
                    believed_seen,
                )
                found += 1
                skip = place + int(2 * (8 + n) * rate) - 4
                done = True
                break
            if done:
                break
    return found, max(skip, last_start)


@njit(nogil=True, cache=True)
def learn(hard, n, df, number, now, believed_icao, believed_time, believed_altitude, believed_squawk, believed_seen):
    """Remember who was heard, how high and with which squawk. A clean DF17 or DF18 introduces an address; a clean DF11
    does when it comes twice (the first time its time is noted as negative)."""
    icao = 0
    if df == 11 or df == 17 or df == 18:
        for bit in range(8, 32):
            icao = (icao << 1) | hard[bit]
    else:
        syndromes = SYNDROMES_112 if n == 112 else SYNDROMES_56
        syndrome = np.uint32(0)
        for bit in range(n):
            if hard[bit]:
                syndrome ^= syndromes[bit]
        icao = np.int64(syndrome)
    if icao == 0:
        return
    slot = (icao * 2654435761) >> 8 & (SLOTS - 1)
    while believed_icao[slot] != icao:
        if believed_icao[slot] == 0:
            if number != 0 or (df != 17 and df != 18 and df != 11):
                return
            believed_icao[slot] = icao
            believed_time[slot] = now
            believed_altitude[slot] = -99999
            believed_squawk[slot] = -1
            believed_seen[slot] = now
            break
        slot = (slot + 1) & (SLOTS - 1)
    believed_time[slot] = now
    code = 0
    if df == 5 or df == 21:
        for bit in range(19, 32):
            code = (code << 1) | hard[bit]
        if number == 0:
            believed_squawk[slot] = code
        return
    if df == 0 or df == 4 or df == 16 or df == 20:
        for bit in range(19, 32):
            code = (code << 1) | hard[bit]
    elif df == 17 or df == 18:
        kind = 0
        for bit in range(32, 37):
            kind = (kind << 1) | hard[bit]
        if kind < 9 or kind > 18:
            return
        for bit in range(40, 52):
            code = (code << 1) | hard[bit]
        code = ((code & 0xFC0) << 1) | (code & 0x3F)  # 12 bits have no M bit
    else:
        return
    altitude = altitude_25ft(code)
    if altitude != -99999 and number == 0:
        believed_altitude[slot] = altitude
        believed_seen[slot] = now
