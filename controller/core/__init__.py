"""WHAT: from what is desired and what is observed to what is done. Pure; the standard library only."""
