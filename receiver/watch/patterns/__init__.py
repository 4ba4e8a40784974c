"""Shapes in the sky: orbit, racetrack, figure of eight, survey grid, aerodrome circuit, holding, thermalling.

Read in this order: smoothing (coarse positions), compass (wrong tracks), steps (positions to arcs), laps (arcs to sectors of 30°), loops (two laps to measures), shapes
(measures to a word), swings (figures of eight), legs (grids), detector (all of it for one aircraft).
"""

from receiver.watch.patterns.detector import Memory, PatternDetector
from receiver.watch.patterns.running import Pattern
from receiver.watch.patterns.steps import PathPoint

__all__ = ["Memory", "PathPoint", "Pattern", "PatternDetector"]
