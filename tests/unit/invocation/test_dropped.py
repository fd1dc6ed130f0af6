"""A model that the file names no more: told if it was last seen up, and once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.invocation.transitions import AnnouncedState, PipelineState, Transition, transition_events
from controller.loop.report import Report
from tests.support.embedded import MONDAY, a_pipeline
from tests.support.loop import a_config

LOGOS = a_pipeline()
NOTHING = a_config(specs=())


def dropped(phase, config=NOTHING):
    told = AnnouncedState(pipelines={"logos": PipelineState(arn=LOGOS.model.arn, phase=phase)})
    found = transition_events(told, AnnouncedState(), config, Report(at=MONDAY, pipelines=()))
    return [(each.transition, each.arn) for each in found]


@pytest.mark.parametrize("phase", [None, Transition.STOPPED])
def test_a_model_that_was_not_seen_up_goes_without_a_word(phase):
    assert dropped(phase) == []


@pytest.mark.parametrize(
    "phase", [Transition.STARTING, Transition.RUNNING, Transition.CONSUMING, Transition.DRAINING]
)
def test_a_model_that_was_seen_up_is_told(phase):
    assert dropped(phase) == [(Transition.PIPELINE_DROPPED, LOGOS.model.arn)]


def test_a_model_that_is_retired_in_another_pipeline_is_not_dropped():
    other = replace(
        LOGOS,
        name="brands",
        model=replace(LOGOS.model, arn=f"{LOGOS.model.arn}0", retired=(LOGOS.model.arn,)),
    )
    assert dropped(Transition.RUNNING, a_config(other, specs=())) == []
