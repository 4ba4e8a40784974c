"""Samples in, Mode S frames out, and the inverse. numpy and numba only: no I/O, no clock, no asyncio."""
