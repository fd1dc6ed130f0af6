"""Builds a ``Config`` from the text of a schedule file, or raises everything that is wrong with it. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import TYPE_CHECKING, assert_never

from pydantic import ValidationError

from controller.config import schema_models, times
from controller.config.model import CalendarUse, Config, Consumer, Model, Pipeline, Target
from controller.config.problems import in_order
from controller.config.reference_errors import reference_errors
from controller.config.shape_errors import shape_errors
from controller.config.values import shown
from controller.config.yaml_tree import Mapping, Node, Scalar, YamlTree, compose, entries, find, items, plain
from controller.core.settings import DEFAULT_RETENTION, Budget, Hold, OnDemand, Settings
from controller.core.states import Desired
from controller.core.timefmt import iso
from controller.errors import ConfigError, Diagnostic
from controller.schedule import load_zone
from controller.schedule.calendars import Calendar, CountryRequest, Dates, Holidays, country, without_meaning
from controller.schedule.excepted import excepted
from controller.schedule.ics import IcsSummary, read_ics
from controller.schedule.model import DateOverride, HolidayRule, Rule, SpanOverride, Spec, Week
from controller.schedule.walltime import latest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from controller.config.arns import ModelArn
    from controller.schedule.calendars import CalendarProblem
    from controller.schedule.model import HolidayNames

_EXAMPLE = "version: 1, schedules: {office: {timezone: …, hours: {mon-fri: 08:30-17:00}}}, pipelines: {…}"
_HOLD = {"as-is": Desired.AS_IS, "off": Desired.OFF, "on": Desired.ON}
_RULE_KEYS = (
    "schedule",
    "hold",
    "on_demand",
    "warm_up",
    "bridge",
    "overtime",
    "rescue",
    "budget",
    "drain",
    "start",
)


def parse(text: bytes, *, file: str, calendar_files: Callable[[str], bytes]) -> Config:
    """The configuration that ``text`` means; the same at every instant.

    ``file`` is what diagnostics call it. ``calendar_files`` returns the bytes of the ``.ics`` file of a bare
    name; an ``OSError`` or ``LookupError`` from it is one of ``degraded``.

    Raises:
        ConfigError: everything that is wrong, in the order of the file; one diagnostic if it is no YAML.
    """
    return build(compose(text, file), calendar_files=calendar_files)


def build(tree: YamlTree, *, calendar_files: Callable[[str], bytes]) -> Config:
    """As ``parse``, of a text that is parsed already."""
    root = _root(tree)
    found: schema_models.FileSchema | None = None
    diagnostics = list(reference_errors(root))
    try:
        found = schema_models.FileSchema.model_validate(plain(root))
    except ValidationError as error:
        diagnostics += shape_errors(error, root)
    if found is None or diagnostics:
        raise ConfigError(tree.file, in_order(diagnostics))
    return _Builder(root=root, file=found, calendar_files=calendar_files).config(tree)


def _root(tree: YamlTree) -> Mapping:
    root, file = tree.root, tree.file
    match root:
        case Mapping():
            return root
        case None | Scalar(null=True):
            raise ConfigError(file, (Diagnostic(message=f"the file is empty; it holds such as {_EXAMPLE}"),))
        case _:
            diagnostic = root.diagnostic(
                f"{shown(plain(root))} stands here; the file is a mapping such as {_EXAMPLE}"
            )
            raise ConfigError(file, (diagnostic,))


@dataclass(slots=True, kw_only=True)
class _Builder:
    """Builds a ``Config`` from ``file``, which has the values, and ``root``, which has the lines."""

    root: Mapping
    file: schema_models.FileSchema
    calendar_files: Callable[[str], bytes]
    degraded: list[Diagnostic] = field(default_factory=list)
    notices: list[Diagnostic] = field(default_factory=list)
    summaries: dict[str, IcsSummary] = field(default_factory=dict)
    files_read: dict[str, bytes] = field(default_factory=dict)

    def config(self, tree: YamlTree) -> Config:
        calendars = {name: self._calendar(name, found) for name, found in self.file.calendars.items()}
        specs = {name: self._spec(name, found, calendars) for name, found in self.file.schedules.items()}
        return Config(
            file=tree.file,
            tree=tree,
            digest=_digest(tree.data, *self.files_read.values()),
            specs=specs,
            pipelines=tuple(self._pipeline(name, found) for name, found in self.file.pipelines.items()),
            degraded=in_order(self.degraded),
            notices=in_order(self.notices),
            calendars=tuple(
                CalendarUse(name=name, file=written.ics, summary=self.summaries.get(name))
                for name, written in self.file.calendars.items()
            ),
            calendar_files=self.files_read,
        )

    def _line(self, *path: str) -> int:
        """The line of the last key of ``path``."""
        parent = find(self.root, *path[:-1])
        key = parent.key(path[-1]) if isinstance(parent, Mapping) else None
        return (key or self.root).line

    def _degrade(self, path: tuple[str, ...], message: str) -> None:
        node = find(self.root, *path) or self.root
        self.degraded.append(node.diagnostic(message, ".".join(path)))

    def _notice(self, path: tuple[str, ...], message: str) -> None:
        node = find(self.root, *path) or self.root
        self.notices.append(node.diagnostic(message, ".".join(path)))

    def _degrade_name(self, path: tuple[str, ...], problem: CalendarProblem) -> None:
        node, where = find(self.root, *path) or self.root, ".".join(path)
        if problem.index is not None:
            node, where = items(node)[problem.index], f"{where}[{problem.index}]"
        self.degraded.append(node.diagnostic(problem.message, where, problem.hint))

    def _calendar(self, name: str, written: schema_models.CalendarSchema) -> Calendar:
        parts = (
            *self._of_country(name, written),
            *self._of_file(name, written),
            self._by_hand(name, written),
        )
        return Calendar(name=name, line=self._line("calendars", name), parts=parts)

    def _by_hand(self, name: str, written: schema_models.CalendarSchema) -> Dates:
        """Beside a country or a file, whose names ``except`` then means, all of ``also`` counts."""
        dates = Dates(
            names={day: title for day, title in written.also.items() if not isinstance(day, times.YearDay)},
            yearly={
                (day.month, day.day): title
                for day, title in written.also.items()
                if isinstance(day, times.YearDay)
            },
        )
        if written.country is not None or written.ics is not None:
            return dates
        self._degrade_excepted(name, written, dates.all_names(), f"a holiday of {name}")
        return replace(dates, excepted=excepted(written.excepted))

    def _degrade_excepted(
        self, name: str, written: schema_models.CalendarSchema, known: frozenset[str], what: str
    ) -> None:
        for problem in without_meaning(written.excepted, known, what):
            self._degrade_name(("calendars", name, problem.key), problem)

    def _of_country(self, name: str, written: schema_models.CalendarSchema) -> Iterator[HolidayNames]:
        if written.country is None:
            return
        request = CountryRequest(
            code=written.country,
            subdivision=written.subdivision,
            language=written.language,
            categories=written.categories,
            excepted=written.excepted,
        )
        found, problems = country(request)
        for problem in problems:
            self._degrade_name(("calendars", name, problem.key), problem)
        if found is not None:
            yield found

    def _of_file(self, name: str, written: schema_models.CalendarSchema) -> Iterator[HolidayNames]:
        if written.ics is None:
            return
        try:
            data = self.calendar_files(written.ics)
        except (OSError, LookupError) as error:
            reason = getattr(error, "strerror", None) or "not found"
            self._degrade(("calendars", name, "ics"), f"{written.ics} cannot be read: {reason}")
            return
        self.files_read[written.ics] = data
        reading = read_ics(data)
        for problem in reading.errors:
            self._degrade(("calendars", name, "ics"), f"{written.ics}: {problem}")
        for notice in reading.warnings:
            self._notice(("calendars", name, "ics"), f"{written.ics}: {notice}")
        if reading.events is not None:
            self.summaries[name] = reading.events.summary
            self._degrade_excepted(name, written, reading.events.titles(), f"an event of {written.ics}")
            yield replace(reading.events, excepted=excepted(written.excepted))

    def _spec(self, name: str, written: schema_models.ScheduleSchema, calendars: dict[str, Calendar]) -> Spec:
        overrides = items(find(self.root, "schedules", name, "overrides"))
        return Spec(
            name=name,
            zone=written.timezone,
            week=self._week(name, written),
            holidays=self._holidays(name, written.holidays, calendars),
            overrides=tuple(
                _override(found, node) for found, node in zip(written.overrides, overrides, strict=True)
            ),
        )

    def _week(self, name: str, written: schema_models.ScheduleSchema) -> Week:
        node = find(self.root, "schedules", name, "hours")
        line = self._line("schedules", name, "hours")
        return _week(written.hours, node, line)

    def _holidays(
        self,
        name: str,
        written: schema_models.HolidaysSchema | schema_models.HolidayRulesSchema | None,
        calendars: dict[str, Calendar],
    ) -> tuple[HolidayRule, ...]:
        node, line = find(self.root, "schedules", name, "holidays"), self._line("schedules", name, "holidays")
        match written:
            case None:
                return ()
            case schema_models.HolidaysSchema():
                return (_holiday_rule(written, node, line, calendars),)
            case schema_models.HolidayRulesSchema(root=rules):
                return tuple(
                    _holiday_rule(rule, item, item.line, calendars)
                    for rule, item in zip(rules, items(node), strict=True)
                )
            case _:
                assert_never(written)

    def _pipeline(self, name: str, written: schema_models.PipelineSchema) -> Pipeline:
        arn = written.model.arn
        own = Target(region=arn.region, role_arn=written.role_arn, external_id=written.external_id)
        consumer = Target(
            region=written.region or arn.region, role_arn=written.role_arn, external_id=written.external_id
        )
        return Pipeline(
            name=name,
            line=self._line("pipelines", name),
            schedule=written.schedule,
            model=_model(written.model, arn, own),
            consumer=Consumer(
                event_source_mapping=written.consumer.event_source_mapping,
                retention=written.consumer.retention,
                target=consumer,
            )
            if written.consumer
            else None,
            settings=self._settings(name, written),
            unit_hour_usd=(written.pricing or self.file.pricing).unit_hour_usd,
        )

    def _settings(self, name: str, written: schema_models.PipelineSchema) -> Settings:
        zone = self.file.schedules[written.schedule].timezone
        return Settings(
            warm_up=written.warm_up,
            bridge=written.bridge,
            drain=written.drain,
            hold=_hold(written.hold, zone) if written.hold else None,
            on_demand=OnDemand(idle=written.on_demand.idle) if written.on_demand else None,
            overtime=written.overtime,
            rescue=written.rescue if written.consumer else None,
            budget=_budget(written.budget) if written.budget else None,
            retention=written.consumer.retention if written.consumer else DEFAULT_RETENTION,
            consumer=written.consumer is not None,
            manual_start=written.start == "manual",
            lines=self._lines(name),
        )

    def _lines(self, name: str) -> dict[str, int]:
        paths = (*((key,) for key in _RULE_KEYS), ("consumer", "retention"))
        written = (path for path in paths if find(self.root, "pipelines", name, *path))
        return {path[-1]: self._line("pipelines", name, *path) for path in written}


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _model(written: schema_models.ModelSchema, arn: ModelArn, target: Target) -> Model:
    return Model(
        arn=arn.arn,
        project=arn.project,
        version=arn.version,
        account=arn.account,
        target=target,
        project_arn=written.project_arn.arn if written.project_arn else None,
        inference_units=written.inference_units,
        max_inference_units=written.max_inference_units,
        retired=tuple(retired.arn for retired in written.retired),
    )


def _hold(written: schema_models.HoldSchema, zone: str) -> Hold:
    until = written.until if written.until.tzinfo else latest(written.until, load_zone(zone))
    reason = _why(written) or "no reason given"
    return Hold(desired=_HOLD[written.state], until=until.astimezone(UTC), reason=reason)


def _budget(written: schema_models.BudgetSchema) -> Budget:
    return Budget(unit_hours_per_month=written.unit_hours_per_month, enforce=written.enforce)


def _override(
    written: schema_models.OneDate | schema_models.ManyDates | schema_models.SpanSchema, node: Node
) -> DateOverride | SpanOverride:
    match written:
        case schema_models.OneDate():
            return _of_dates(written.date, written.date, written, node)
        case schema_models.ManyDates():
            return _of_dates(written.dates.first, written.dates.last, written, node)
        case schema_models.SpanSchema():
            state_open = written.state == "open"
            label = _label(f"{_wall(written.start)}..{_wall(written.until)} {written.state}", written)
            rule = Rule(label=label, line=node.line, explicit=not state_open, name=_name(written))
            return SpanOverride(start=written.start, end=written.until, state_open=state_open, rule=rule)
        case _:
            assert_never(written)


def _holiday_rule(
    written: schema_models.HolidaysSchema, node: Node | None, line: int, calendars: dict[str, Calendar]
) -> HolidayRule:
    """A rule for holidays; its line is that of its hours, or else ``line``."""
    lines = {key.text: key.line for key, _ in entries(node)}
    rule = Rule(
        label=f"holidays {written.hours.label}",
        line=lines.get("hours", line),
        windows=written.hours.windows,
        hours=written.hours.label,
    )
    return HolidayRule(
        rule=rule, names=Holidays(calendars=tuple(calendars[each] for each in written.calendars))
    )


def _of_dates(
    first: date, last: date, written: schema_models.OneDate | schema_models.ManyDates, node: Node
) -> DateOverride:
    dates = f"{first}" if isinstance(written, schema_models.OneDate) else f"{first}..{last}"
    hours = written.hours
    if isinstance(hours, times.Hours):
        rule = Rule(
            label=_label(f"{dates} {hours.label}", written),
            line=node.line,
            windows=hours.windows,
            explicit=not hours.windows,
            name=_name(written),
            hours=hours.label,
        )
        return DateOverride(first=first, last=last, rule=rule)
    week = ", ".join(f"{times.days_label(key)} {each.label}" for key, each in hours.items())
    named, is_closed = _name(written), not any(each.windows for each in hours.values())
    mon, tue, wed, thu, fri, sat, sun = (
        replace(rule, label=_label(f"{dates} {rule.label}", written), explicit=is_closed, name=named)
        for rule in _week(hours, find(node, "hours"), node.line)
    )
    return DateOverride(
        first=first,
        last=last,
        rule=Rule(label=_label(f"{dates} {week}", written), line=node.line, explicit=is_closed, name=named),
        week=(mon, tue, wed, thu, fri, sat, sun),
    )


def _week(hours: dict[str, times.Hours], node: Node | None, line: int) -> Week:
    """A rule has the line of its days in ``node``; ``line`` is that of the days that are not named."""
    by_day: dict[int, Rule] = {}
    lines = {key.text: key.line for key, _ in entries(node)}
    for key, each in hours.items():
        label = times.days_label(key)
        rule = Rule(
            label=f"{label} {each.label}",
            line=lines.get(key, line),
            windows=each.windows,
            name=label if each.windows else "",
            hours=each.label,
        )
        by_day |= dict.fromkeys(times.days(key), rule)
    mon, tue, wed, thu, fri, sat, sun = (
        by_day.get(day) or Rule(label=f"{times.WEEK[day]} not named", line=line) for day in range(7)
    )
    return mon, tue, wed, thu, fri, sat, sun


def _wall(instant: datetime) -> str:
    """``2026-12-05T20:00``, with seconds and offset where they were written."""
    return iso(instant).replace("+00:00", "Z")


def _label(
    what: str, written: schema_models.OneDate | schema_models.ManyDates | schema_models.SpanSchema
) -> str:
    """``override 2026-12-24 08:30-12:00 (Christmas Eve, by ana)``."""
    why = _why(written)
    return f"override {what}{f' ({why})' if why else ''}"


def _name(written: schema_models.OneDate | schema_models.ManyDates | schema_models.SpanSchema) -> str:
    return written.reason or "override"


def _why(
    written: schema_models.OneDate
    | schema_models.ManyDates
    | schema_models.SpanSchema
    | schema_models.HoldSchema,
) -> str:
    return ", ".join(filter(None, (written.reason, f"by {written.by}" if written.by else None)))
