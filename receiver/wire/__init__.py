"""Formats that cross a border, in both directions: frames (Beast, AVR, SBS) and samples (SigMF, WAV, raw IQ)."""
