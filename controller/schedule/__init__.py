"""Computes when a pipeline is open: hours, time zones, holidays and overrides → openings. Pure."""

from controller.schedule.timeline import Schedule
from controller.schedule.zones import load_zone, zone_names

__all__ = ["Schedule", "load_zone", "zone_names"]
