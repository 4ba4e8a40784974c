"""The registers, one file each, named by their BDS number as in ICAO Doc 9871.

A register of an extended squitter (0,5 0,6 0,8 0,9 6,1 6,2 6,5) says what it is by its type code. A Comm-B register
does not: `fits_bdsXX` says whether 56 bits can be it; the tracker, which knows the aircraft, decides whether they are.
"""
