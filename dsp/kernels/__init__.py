"""The stages of docs/demodulator.md, compiled: from a place where a preamble may be to a frame whose parity is right."""
