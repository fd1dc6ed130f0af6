"""iCalendar files for the tests."""

from __future__ import annotations


def calendar(*bodies: str, head: str = "") -> bytes:
    """An event for each of ``bodies``: ``DTSTART:20261127 SUMMARY:Move``, a space between properties."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN", *head.split()]
    for index, body in enumerate(bodies):
        lines += ["BEGIN:VEVENT", *([] if "UID:" in body else [f"UID:{index}"]), *body.split(), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()
