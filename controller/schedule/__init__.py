"""WHEN: hours, time zones, holidays, overrides → openings. Pure."""
