"""Decides what to do: from the desired and the observed state to actions. Pure: no I/O, no clock."""
