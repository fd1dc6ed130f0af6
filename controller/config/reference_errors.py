"""Checks what must hold between values: keys once, days once, names that exist, ARNs that agree.

Each check reads the nodes and passes over what is not there or is wrong by itself, so that these diagnostics
come together with those about single values.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from controller.config import arns, times, values
from controller.config.values import nearest, shown
from controller.config.yaml_tree import Mapping, Node, Placed, Scalar, Sequence, entries, find, items, plain
from controller.core.timefmt import compact
from controller.schedule.walltime import earliest, latest
from controller.schedule.zones import load_zone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from controller.errors import Diagnostic

T = TypeVar("T")

_ON_DEMAND = (
    "does not go with on_demand, which starts when a message waits; remove warm_up, or remove on_demand "
    "to have the model up before every opening"
)
_LISTED = 20
NO_KEYS_OF_DATES = frozenset({"date", "dates", "days", "holidays"})
"""What is written for ``also``, and is told to be it."""
_OF_A_COUNTRY = ("subdivision", "language", "categories")


def reference_errors(root: Node) -> Iterator[Diagnostic]:
    """What is wrong between the values of the file."""
    yield from _keys_once(root, "")
    for key, calendar in entries(find(root, "calendars")):
        yield from _calendar(key, calendar)
    for key, schedule in entries(find(root, "schedules")):
        yield from _schedule(schedule, f"schedules.{key.text}", find(root, "calendars"))
    for key, pipeline in entries(find(root, "pipelines")):
        yield from _pipeline(pipeline, f"pipelines.{key.text}", find(root, "schedules"))
    yield from _once(_arns(root), "model")
    yield from _once(_uuids(root), "event source mapping")


def _read(convert: Callable[[object], T], node: Node | None) -> T | None:
    """The value, or ``None`` where there is none or it is wrong by itself."""
    try:
        return None if node is None else convert(plain(node))
    except ValueError:
        return None


def _keys_once(node: Node, path: str) -> Iterator[Diagnostic]:
    match node:
        case Mapping():
            first: dict[str, Scalar] = {}
            for key, value in node.entries:
                here = f"{path}.{key.text}" if path else key.text
                if first.setdefault(key.text, key) is not key:
                    yield key.diagnostic(f"this key stands in line {first[key.text].line} already", here)
                yield from _keys_once(value, here)
        case Sequence():
            for index, item in enumerate(node.items):
                yield from _keys_once(item, f"{path}[{index}]")
        case Scalar():
            pass


def _calendar(name: Scalar, node: Node) -> Iterator[Diagnostic]:
    if not isinstance(node, Mapping):
        return
    path = f"calendars.{name.text}"
    if node.key("country") and (ics := node.key("ics")):
        yield ics.diagnostic("a calendar is of a country or of a file; make two and name both", f"{path}.ics")
    for dependent in _OF_A_COUNTRY:
        if not node.key("country") and (key := node.key(dependent)):
            yield key.diagnostic(f"{dependent} needs a country (country: US)", f"{path}.{dependent}")
    if not any(node.key(source) for source in ("country", "ics", "also", *NO_KEYS_OF_DATES)):
        message = "a calendar has country:, ics: or also: with dates of its own (country: US)"
        yield name.diagnostic(message, path)


def _schedule(node: Node, path: str, calendars: Node | None) -> Iterator[Diagnostic]:
    yield from _days_once(find(node, "hours"), f"{path}.hours")
    for rule, here in _holiday_rules(find(node, "holidays"), f"{path}.holidays"):
        yield from _known_calendars(find(rule, "calendars"), f"{here}.calendars", calendars)
    zone = _read(times.zone, find(node, "timezone"))
    for index, override in enumerate(items(find(node, "overrides"))):
        yield from _days_once(find(override, "hours"), f"{path}.overrides[{index}].hours")
        yield from _begins_before_it_ends(override, f"{path}.overrides[{index}]", zone)


def _holiday_rules(node: Node | None, path: str) -> Iterator[tuple[Node | None, str]]:
    """One rule, or each of a list of them."""
    match node:
        case Sequence():
            yield from ((item, f"{path}[{index}]") for index, item in enumerate(node.items))
        case _:
            yield node, path


def _days_once(hours: Node | None, path: str) -> Iterator[Diagnostic]:
    seen: dict[int, Scalar] = {}
    for key, _ in entries(hours):
        twice = [day for day in _read(times.days, key) or () if seen.setdefault(day, key).text != key.text]
        if twice:
            first = seen[twice[0]]
            message = f'{times.WEEK[twice[0]]} is named in line {first.line} already ("{first.text}")'
            yield key.diagnostic(message, f"{path}.{key.text}")


def _known_calendars(named: Node | None, path: str, calendars: Node | None) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for index, item in enumerate(items(named)):
        name = _read(values.name, item)
        if name is None:
            continue
        if find(calendars, name) is None:
            hint = partial(_instead, name, calendars)
            yield item.diagnostic(f'there is no calendar "{name}"', f"{path}[{index}]", hint)
        if name in seen:
            yield item.diagnostic(f'"{name}" is named twice', f"{path}[{index}]")
        seen.add(name)


def _instead(name: str, section: Node | None) -> str:
    known = [key.text for key, _ in entries(section)]
    listed = ", ".join((*known[:_LISTED], *("…" for _ in known[_LISTED : _LISTED + 1])))
    return nearest(name, known) or (f" (there are: {listed})" if known else "")


def _begins_before_it_ends(override: Node, path: str, zone: str | None) -> Iterator[Diagnostic]:
    until = find(override, "until")
    start, end = _read(times.instant, find(override, "from")), _read(times.instant, until)
    if until is not None and start and end and _reversed(start, end, zone):
        yield until.diagnostic("the override ends before it begins, or just then", f"{path}.until")


def _reversed(start: datetime, end: datetime, zone: str | None) -> bool:
    """Two wall times are compared as they are written, so that no clock change makes a good file bad."""
    if (start.tzinfo is None) == (end.tzinfo is None):
        return end <= start
    if zone is None:
        return False
    where = load_zone(zone)
    return (end if end.tzinfo else latest(end, where)) <= (start if start.tzinfo else earliest(start, where))


def _pipeline(node: Node, path: str, schedules: Node | None) -> Iterator[Diagnostic]:
    schedule = find(node, "schedule")
    name = _read(values.name, schedule)
    if schedule is not None and name is not None and find(schedules, name) is None:
        hint = partial(_instead, name, schedules)
        yield schedule.diagnostic(f'there is no schedule "{name}"', f"{path}.schedule", hint)
    if isinstance(node, Mapping) and not node.key("role_arn") and (key := node.key("external_id")):
        yield key.diagnostic("external_id goes with role_arn, the role to assume", f"{path}.external_id")
    if find(node, "on_demand") and isinstance(node, Mapping) and (key := node.key("warm_up")):
        yield key.diagnostic(_ON_DEMAND, f"{path}.warm_up")
    if isinstance(node, Mapping):
        yield from _consumer(node, path)
    yield from _model(find(node, "model"), f"{path}.model")


_NEEDS_CONSUMER = {
    "on_demand": "it waits for messages of the queue",
    "overtime": "it goes on while messages wait in the queue",
    "rescue": "it saves messages of the queue",
    "region": "it is the mapping's and the queue's; the model's is in its ARN",
}
_SHORTEST_DRAIN = timedelta(minutes=1)


def _consumer(pipeline: Mapping, path: str) -> Iterator[Diagnostic]:
    """What goes only with a consumer, or only without one."""
    if pipeline.key("consumer") is None:
        for name, why in _NEEDS_CONSUMER.items():
            if key := pipeline.key(name):
                yield key.diagnostic(
                    f"{name} needs a consumer: {why}. Add consumer, or remove it", f"{path}.{name}"
                )
        return
    written = find(pipeline, "drain")
    drain = _read(values.duration, written)
    if written is not None and drain is not None and drain < _SHORTEST_DRAIN:
        message = (
            f"{shown(compact(drain))} is shorter than 1m: with a consumer, work in flight needs time to end"
        )
        yield written.diagnostic(message, f"{path}.drain")


def _model(node: Node | None, path: str) -> Iterator[Diagnostic]:
    low, high = (_read(values.units, find(node, f"{bound}inference_units")) for bound in ("", "max_"))
    if low and high and high < low and (most := find(node, "max_inference_units")):
        yield most.diagnostic(f"{high} is less than inference_units ({low})", f"{path}.max_inference_units")
    model = _read(arns.model_arn, find(node, "arn"))
    if model is None:
        return
    written = find(node, "project_arn")
    project = _read(arns.project_arn, written)
    if written is not None and project and not project.beside(model):
        yield written.diagnostic(
            f"not the project of the model ({_project_of(model)})", f"{path}.project_arn"
        )
    for index, item in enumerate(items(find(node, "retired"))):
        retired = _read(arns.model_arn, item)
        if retired and not retired.beside(model):
            yield item.diagnostic(
                f"not of the model's project ({_project_of(model)})", f"{path}.retired[{index}]"
            )


def _project_of(model: arns.ModelArn) -> str:
    return f"{model.project} in {model.region} of account {model.account}"


def _arns(root: Node) -> Iterator[tuple[str, Placed, str]]:
    """Every model that is named, with its place: the ones that run and the ones that must not."""
    for key, pipeline in entries(find(root, "pipelines")):
        path = f"pipelines.{key.text}.model"
        arn = find(pipeline, "model", "arn")
        retired = items(find(pipeline, "model", "retired"))
        named = [(arn, f"{path}.arn"), *((item, f"{path}.retired[{at}]") for at, item in enumerate(retired))]
        for node, here in named:
            if node is not None and (model := _read(arns.model_arn, node)):
                yield model.arn, node, here


def _uuids(root: Node) -> Iterator[tuple[str, Placed, str]]:
    for key, pipeline in entries(find(root, "pipelines")):
        node = find(pipeline, "consumer", "event_source_mapping")
        if node is not None and (uuid := _read(arns.mapping_uuid, node)):
            yield uuid, node, f"pipelines.{key.text}.consumer.event_source_mapping"


def _once(named: Iterator[tuple[str, Placed, str]], what: str) -> Iterator[Diagnostic]:
    first: dict[str, Placed] = {}
    for name, place, path in named:
        if name in first:
            yield place.diagnostic(f"the same {what} stands in line {first[name].line} already", path)
        first.setdefault(name, place)
