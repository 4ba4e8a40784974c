"""The inverse of the demodulator: what is transmitted, the air between, and the samples that a receiver makes of it."""
