"""Frames in, typed messages out. pyModeS reads the bits; what it leaves out or leaves open is done here.

Laid out as the standards are: `formats/dfNN.py` is a downlink format of Annex 10 vol. IV, `registers/bdsXX.py` a
register of Doc 9871. A message says what was sent, never what to make of it: that is the tracker's part.
"""

from receiver.decode.decoder import Decoder, DecoderStatistics
from receiver.decode.message import AddressType, Message

__all__ = ["AddressType", "Decoder", "DecoderStatistics", "Message"]
