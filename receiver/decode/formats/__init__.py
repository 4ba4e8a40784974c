"""The downlink formats, named by their numbers in ICAO Annex 10 vol. IV. Those alike but for a field share a file."""
