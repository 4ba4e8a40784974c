"""Positions of those who do not broadcast any, from the times at which several stations received the same transmission."""
