"""What is left of a tick when its time is over: nothing more is sent, and what was missed is told exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Event, Thread

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

from controller.aws.calls import Call, CallWindow
from controller.aws.clients import BotoClients
from controller.aws.retries import RetryConfig
from controller.config.model import Target
from controller.core.actions import FailureKind
from controller.core.memory import Memory
from controller.errors import TransientError
from controller.loop import act as acting
from controller.loop import observe as observing
from controller.loop.reconcile import reconcile
from controller.loop.workers import AT_ONCE, SideBySide
from controller.loop.workers import SLOT_S as SLOT
from tests.support.loop import condition
from tests.unit.loop.test_hanging_calls import HEALTHY, Hanging, carry_out_noting, hanging, stage

HERE = Target(region="us-east-1")


@pytest.fixture
def released() -> Iterator[Event]:
    event = Event()
    yield event
    event.set()


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Short, so that the tests are."""
    monkeypatch.setattr("controller.loop.workers.SLOT_S", 0.1)
    monkeypatch.setattr(acting, "PHASE_S", 0.2)
    monkeypatch.setattr(acting, "ANSWER_S", 0.2)
    monkeypatch.setattr(observing, "OBSERVE_S", 0.5)
    monkeypatch.setattr(acting, "SAVE_S", 0.3)


PATIENCE_S = {"starts": 0.0, "stops": acting.PHASE_S, "observations": observing.OBSERVE_S}
"""What a later phase waits for; read before a test shortens it."""


@pytest.mark.parametrize("hung", [3, 10])
@pytest.mark.parametrize("calls", PATIENCE_S)
def test_a_healthy_pipeline_waits_at_most_fifteen_seconds_for_calls_of_others_that_hang(calls, hung):
    """Worked by hand: each eight of them hold the slots for a while, and the last have their patience."""
    slots = hung // AT_ONCE
    assert slots * SLOT + PATIENCE_S[calls] < 15


class TimingOut:
    """AWS lets the first attempt of a client run into its timeout, at once or when it is told to."""

    def __init__(self) -> None:
        self.attempts, self.attempted, self.goes_on = 0, Event(), Event()
        self.client = BotoClients(RetryConfig(attempts=3))("lambda", HERE)
        self.client.meta.events.register_last("before-send", self._answer)

    def _answer(self, **_request) -> AWSResponse:
        self.attempts += 1
        self.attempted.set()
        assert self.goes_on.wait(30)
        raise ReadTimeoutError(endpoint_url="https://lambda.example")

    def enable(self) -> None:
        with Call(name="lambda:UpdateEventSourceMapping", resource="8921ca0f").sending():
            self.client.update_event_source_mapping(UUID="8921ca0f-beb3-40d0-ad20-d4ae29a2e6f6", Enabled=True)


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")


def test_no_attempt_is_sent_after_the_window_is_closed():
    """An enable that timed out is not repeated when its model was last observed in an earlier tick."""
    aws, window, raised = TimingOut(), CallWindow(), []

    def job() -> None:
        try:
            aws.enable()
        except TransientError as error:
            raised.append(error.code)

    thread = Thread(target=lambda: window.run(job), daemon=True)
    thread.start()
    assert aws.attempted.wait(30)
    window.close()
    aws.goes_on.set()
    thread.join(30)
    assert (aws.attempts, raised) == (1, ["TickEnded"])


def test_within_an_open_window_and_outside_of_any_every_attempt_is_sent():
    for run in (CallWindow().run, lambda job: job()):
        aws = TimingOut()
        aws.goes_on.set()
        with pytest.raises(TransientError):
            run(aws.enable)
        assert aws.attempts == 3


def test_a_tick_that_has_ended_has_closed_the_window_of_its_acts(released):
    """Whoever hangs when the tick ends learns that it is over."""
    on, seen = stage(1), {}

    def act(context, action):
        seen[context.pipeline.name] = CallWindow.current()
        return hanging(released, [])(context, action)

    reconcile(on.world, act=act)
    assert seen["hung-0"] is not None
    assert seen["hung-0"].closed


class NotingTheWindow(Hanging):
    """A model that cannot be observed; ``window`` is that of the call which hangs."""

    window: CallWindow | None = None

    def project_arn(self, *_):
        self.window = CallWindow.current()
        self._released.wait()


def test_when_a_tick_has_observed_the_window_of_what_it_did_not_wait_for_is_closed(released):
    on = stage(1)
    models = vars(on.world.contexts[0])["models"] = NotingTheWindow(released)
    reconcile(on.world, act=None)
    assert models.window is not None
    assert models.window.closed


def test_a_start_that_is_not_answered_was_asked_for_and_one_that_was_not_reached_was_not(
    released, monkeypatch
):
    """Else a later look of this invocation withholds a start that nobody has asked for."""
    monkeypatch.setattr("controller.loop.workers.SLOT_S", 30.0)
    monkeypatch.setattr(acting, "PHASE_S", 30.0)
    on = stage(1)
    world = replace(on.world, workers=SideBySide(at_once=1), until_s=on.world.monotonic() + 1)
    report = reconcile(world, act=hanging(released, []))
    hung, healthy = (each.outcomes[0] for each in report.pipelines)
    assert (hung.refusal, healthy.refusal) == (FailureKind.TRANSIENT, FailureKind.NOT_REACHED)
    assert report.started == {"hung-0"}
    reasons = [condition(each, "Progressing").reason for each in report.pipelines]
    assert reasons == ["Retrying", "NotReached"]


def test_what_hangs_since_an_earlier_tick_is_told_as_that(released):
    on = stage(1)
    act = hanging(released, [])
    reconcile(on.world, act=act)
    (outcome,) = reconcile(on.world, act=act).pipelines[0].outcomes
    assert outcome.refusal is FailureKind.NOT_REACHED
    assert "still waiting" in outcome.error


def test_a_pipeline_that_is_not_observed_in_time_wants_nobody(released):
    """A connection that hangs for half a minute is as little a stall as a call that fails."""
    on = stage(1)
    vars(on.world.contexts[0])["models"] = Hanging(released)
    seen = reconcile(on.world, act=carry_out_noting([])).pipelines[0]
    told = {each.type: (each.status, each.reason) for each in seen.conditions}
    assert told == {"Ready": ("Unknown", "NotObserved"), "Stalled": ("Unknown", "NotObserved")}
    assert seen.failed


def test_those_that_a_run_left_out_come_first_in_the_next(released, monkeypatch):
    monkeypatch.setattr("controller.loop.workers.SLOT_S", 30.0)
    workers, begun = SideBySide(at_once=1), []
    jobs = {"a": released.wait, **{name: lambda name=name: begun.append(name) for name in ("b", "c")}}
    workers.run(jobs, patience_s=30, until_s=workers.monotonic() + 0.05)
    released.set()
    workers.wait({"a"}, workers.monotonic() + 30)
    workers.run({name: lambda name=name: begun.append(name) for name in ("a", "b", "c")}, patience_s=30)
    assert begun == ["b", "c", "a"]


class HangingSave:
    def __init__(self, released: Event) -> None:
        self._released = released

    def load(self, _name: str, /) -> Memory:
        return Memory()

    def save(self, _name: str, _memory: Memory, /) -> None:
        self._released.wait()


def test_memories_that_cannot_be_saved_do_not_hold_up_the_end_of_a_tick(released, monkeypatch):
    """One slot that is never free again: without a limit the run would last as long as the hanging."""
    monkeypatch.setattr("controller.loop.workers.SLOT_S", 5.0)
    on = stage(5)
    began_s = on.world.monotonic()
    world = replace(
        on.world,
        workers=SideBySide(at_once=1),
        memories=HangingSave(released),
        until_s=began_s + 2,
    )
    ended = Event()

    def tick() -> None:
        report = reconcile(world, act=carry_out_noting([]))
        assert [each.name for each in report.pipelines][-1] == HEALTHY
        ended.set()

    Thread(target=tick, daemon=True).start()
    assert ended.wait(8)
