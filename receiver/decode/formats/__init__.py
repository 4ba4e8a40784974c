"""The downlink formats, named by their number as in ICAO Annex 10 vol. IV; those that differ in one field share a file."""
