"""Real messages and what other decoders say of them, a module a source; `benchmarks.decode_truth` prints the tables."""
