"""WHEN: hours, time zones, holidays, overrides → openings. Pure."""

from controller.schedule.timeline import Schedule
from controller.schedule.zones import load_zone, zone_names

__all__ = ["Schedule", "load_zone", "zone_names"]
