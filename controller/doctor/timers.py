"""What else starts and stops the same things by the clock: the leftovers of two crons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from controller.config.model import Pipeline
from controller.doctor.facts import Caller, PipelineFacts
from controller.doctor.findings import Remark, Unseen, advice, required, serious, unknown


def other_rules(facts: PipelineFacts) -> Iterator[Remark]:
    return _others(required(facts.rules), facts)


def other_schedules(facts: PipelineFacts) -> Iterator[Remark]:
    return _others(required(facts.schedules), facts)


def unsearched(callers: Iterable[Caller]) -> tuple[str, ...]:
    """What is called by the clock without our seeing what it does there."""
    return tuple(
        dict.fromkeys(f"{each.timed.name} calls {each.timed.target_arn}" for each in callers if _opaque(each))
    )


def _opaque(caller: Caller) -> bool:
    """A call of the Scheduler straight into an API says all of it in its input."""
    return ":aws-sdk:" not in caller.timed.target_arn


def _others(callers: tuple[Caller, ...], facts: PipelineFacts) -> Iterator[Remark]:
    for caller in callers:
        where = _mention(caller, facts)
        if where is not None:
            yield _leftover(caller, where)
        elif isinstance(caller.environment, Unseen) and not caller.environment.absent:
            timed = caller.timed
            yield unknown(
                f"{timed.name} calls {timed.target_arn}, of which nothing is known: {caller.environment.why}",
                caller.environment.remedy,
            )


def _leftover(caller: Caller, where: str) -> Remark:
    timed = caller.timed
    said = f"{timed.name} ({timed.expression}) calls {timed.target_arn}, and {where}"
    if timed.enabled:
        return serious(
            f"{said}: two that start and stop the same undo each other's work",
            "disable it, and delete it when the controller has had its first day",
        )
    return advice(f"{said}; it is disabled", "delete it, so that nobody enables it again")


def _mention(caller: Caller, facts: PipelineFacts) -> str | None:
    """Where the pipeline's model or mapping stands in what is called, if it does.

    The inference function knows its model, whoever calls it.
    """
    words = _words(facts.pipeline)
    for word in words:
        if word in caller.timed.input:
            return f"its input names {word}"
    if isinstance(caller.environment, Unseen) or _is_consumer(caller, facts):
        return None
    for name, value in caller.environment.items():
        for word in words:
            if word in value:
                return f"the function's variable {name} names {word}"
    return None


def _words(pipeline: Pipeline) -> tuple[str, ...]:
    """The versions of the project, this one first, and the mapping."""
    model = pipeline.model
    return (model.arn, pipeline.consumer.event_source_mapping, f"{model.arn.split('/version/')[0]}/version/")


def _is_consumer(caller: Caller, facts: PipelineFacts) -> bool:
    return not isinstance(facts.function, Unseen) and facts.function.arn == caller.timed.target_arn
