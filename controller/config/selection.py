"""Finds the schedule or the pipeline of a configuration that a person names. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controller.config.values import nearest
from controller.errors import RequestError

if TYPE_CHECKING:
    from controller.config.model import Config, Pipeline


def pipeline_named(config: Config, name: str | None) -> Pipeline:
    """The pipeline of that name; ``None``: the only one.

    Raises:
        RequestError: there is none of that name, or no only one.
    """
    known = [pipeline.name for pipeline in config.pipelines]
    return config.pipelines[known.index(_one_of(config, known, name, "pipeline", "PIPELINE"))]


def schedule_named(config: Config, name: str | None) -> str:
    """The name of the schedule; ``None``: of the only one. Raises as ``pipeline_named``."""
    return _one_of(config, list(config.specs), name, "schedule", "--schedule")


def _one_of(config: Config, known: list[str], name: str | None, kind: str, option: str) -> str:
    listed = ", ".join(known)
    if not known:
        raise RequestError(f"{config.file} has no {kind}", option=option)
    if name is None and len(known) > 1:
        raise RequestError(f"{config.file} has several {kind}s: {listed}", option=option)
    chosen = known[0] if name is None else name
    if chosen not in known:
        message = f'"{chosen}" is not a {kind}{nearest(chosen, known)}; {config.file} has {listed}'
        raise RequestError(message, option=option)
    return chosen


def target_schedule(config: Config, target: str) -> str:
    """The name of the schedule that an edit is of: ``target`` is a schedule, or a pipeline that has it.

    ``schedules.NAME`` and ``pipelines.NAME`` say which of the two is meant.

    Raises:
        RequestError: it is neither, or two different ones.
    """
    by_pipeline = {pipeline.name: pipeline.schedule for pipeline in config.pipelines}
    meanings = {
        **{f"schedules.{name}": name for name in config.specs},
        **{f"pipelines.{name}": schedule for name, schedule in by_pipeline.items()},
    }
    if target in meanings:
        return meanings[target]
    found = {meanings[name] for name in (f"schedules.{target}", f"pipelines.{target}") if name in meanings}
    if len(found) > 1:
        full = f"schedules.{target} or pipelines.{target}"
        raise RequestError(f'"{target}" is a schedule, and a pipeline with another one; say {full}')
    if not found:
        known = (*by_pipeline, *config.specs)
        instead = nearest(target, known) or f"; {config.file} has {', '.join(dict.fromkeys(known))}"
        raise RequestError(f'"{target}" is neither a pipeline nor a schedule{instead}')
    return found.pop()
