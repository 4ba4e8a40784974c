"""`squitter doctor`: what is wrong, in sentences, each with what to do about it.

One file a group of checks. A check is a function of a `Machine` (all that is read from the computer, so that the tests can
hand it a broken one) and the settings; it yields `Finding`s. To add one: write it, name it in `CHECKS` (checkup.py).
"""

from receiver.doctor.checkup import CHECKS, check_up
from receiver.doctor.finding import Finding, Verdict
from receiver.doctor.machine import Machine

__all__ = ["CHECKS", "Finding", "Machine", "Verdict", "check_up"]
