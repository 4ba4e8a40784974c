"""How large the earth is, as the sphere that all distances here are measured on, and the mile of those who fly over it."""

import math

EARTH_M = 6_371_008.8  # IUGG, mean radius
EARTH_KM = EARTH_M / 1000.0
KM_PER_DEG = math.radians(EARTH_KM)  # of latitude
METRES_PER_DEG = math.radians(EARTH_M)
METRES_PER_NMI = 1852.0
KM_PER_NMI = METRES_PER_NMI / 1000.0
EARTH_NMI = EARTH_M / METRES_PER_NMI
