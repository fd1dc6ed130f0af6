"""The judge shares no code with what it judges, and sees what is left undone."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest

from controller import sim
from controller.core.settings import Hold, OnDemand
from controller.core.states import Desired
from controller.sim.aws.pipeline import ManualChange
from controller.sim.checks.duties import Duties
from controller.sim.checks.safety import Monitor
from tests.support.embedded import MONDAY, a_pipeline
from tests.support.schedules import dated, spec
from tests.unit.sim.test_sim_expectations import bounds
from tests.unit.sim.test_sim_safety import RETIRED, Hand, a_hand

JUDGE = ("checks.safety", "checks.duties", "checks.expectations", "checks.hours")
DATA = {
    "controller.config.model": {"Config", "Pipeline"},
    "controller.core.settings": {"Settings"},
    "controller.core.states": {"Desired"},
    "controller.schedule.model": {"DateOverride", "Rule", "SpanOverride", "Spec"},
    "controller.schedule.zones": {"load_zone"},
}
"""What the judge may take from the controller: types of data, and the time zone database that it is given."""
ON, OFF, WARM, AS_IS = (frozenset({each}) for each in (Desired.ON, Desired.OFF, Desired.WARM, Desired.AS_IS))


def imported(module: str) -> dict[str, set[str]]:
    """Names by module, of all that it takes from the package beside the embedded AWS."""
    found: dict[str, set[str]] = {}
    tree = ast.parse(
        (Path(sim.__file__).parent / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
    )
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert not any(each.name.startswith("controller") for each in node.names), module
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("controller"):
            found.setdefault(node.module, set()).update(each.name for each in node.names)
    return {source: names for source, names in found.items() if not source.startswith("controller.sim.")}


@pytest.mark.parametrize("module", JUDGE)
def test_the_judge_takes_only_data_from_the_controller(module):
    for source, names in imported(module).items():
        assert names <= DATA.get(source, set()), f"controller.sim.{module} imports {names} from {source}"


class Dutiful(Hand):
    """A hand whose pipeline is judged by what can be desired."""

    def __init__(self, wanted: frozenset[Desired], *, opened=MONDAY):
        super().__init__()
        self.wanted = wanted
        self.opened = opened
        self.monitor = Monitor(
            [a_pipeline()],
            wants_consumption=lambda _name, _at: Desired.ON in self.wanted,
            duties=Duties(lambda _name, _at: self.wanted, lambda _name, _at: self.opened),
        )
        self.aws.listen(self.monitor.on_call)


def dutiful(wanted, model="STOPPED", mapping="Disabled", off_s=0):
    hand = Dutiful(wanted)
    hand.logos.model.become(model)
    hand.logos.mapping.become(mapping)
    hand.see().tick()
    hand.aws.sleep(off_s)
    hand.monitor.violations.clear()
    return hand


@pytest.mark.parametrize(
    ("hand", "broken"),
    [
        pytest.param(
            lambda: dutiful(OFF, "RUNNING", "Enabled").see(), ["LEFT"], id="consumes, nothing wants it"
        ),
        pytest.param(lambda: dutiful(WARM, "RUNNING", "Enabled").see(), ["LEFT"], id="consumes while warm"),
        pytest.param(
            lambda: dutiful(ON | OFF, "RUNNING", "Enabled").see(), [], id="consumes, perhaps wanted"
        ),
        pytest.param(lambda: dutiful(AS_IS, "RUNNING", "Enabled").see(), [], id="hands off"),
        pytest.param(
            lambda: dutiful(OFF, "RUNNING", "Enabled").see().update(Enabled=False), [], id="is disabled"
        ),
        pytest.param(lambda: dutiful(OFF, "RUNNING", off_s=899).see(), [], id="runs, within the drain limit"),
        pytest.param(lambda: dutiful(OFF, "RUNNING", off_s=900).see(), ["LEFT"], id="runs beyond it"),
        pytest.param(lambda: dutiful(OFF, "RUNNING", off_s=900).see().stop(), [], id="is stopped"),
        pytest.param(lambda: dutiful(WARM, "RUNNING", off_s=900).see(), [], id="runs and is warm"),
        pytest.param(lambda: dutiful(ON, "RUNNING").see(), ["LEFT"], id="not enabled"),
        pytest.param(lambda: dutiful(ON, "RUNNING").see().update(Enabled=True), [], id="is enabled"),
        pytest.param(lambda: dutiful(ON).see(), ["LEFT"], id="not started"),
        pytest.param(lambda: dutiful(ON).see().start(), [], id="is started"),
        pytest.param(lambda: dutiful(ON | OFF).see(), [], id="perhaps not wanted"),
        pytest.param(lambda: dutiful(ON, "FAILED").see(), [], id="a failed start allows to wait"),
        pytest.param(lambda: dutiful(ON, "FAILED", off_s=3601).see(), ["LEFT"], id="for an hour"),
        pytest.param(lambda: dutiful(ON).see_model(), [], id="the mapping was not seen"),
        pytest.param(lambda: dutiful(ON).see_mapping(), [], id="the model was not seen"),
    ],
)
def test_what_must_be_tried_is_not_left_undone(hand, broken):
    assert hand().end().broken == broken


@pytest.mark.parametrize(
    ("hand", "broken"),
    [
        pytest.param(lambda: dutiful(OFF).see().start(), ["UNWANTED"], id="a start that nothing wants"),
        pytest.param(lambda: dutiful(WARM).see().start(), [], id="a start that is wanted"),
        pytest.param(lambda: dutiful(ON, "RUNNING", off_s=900).see().stop(), ["UNWANTED"], id="a stop"),
        pytest.param(
            lambda: dutiful(ON, "RUNNING", "Enabled").see().update(Enabled=False),
            ["UNWANTED"],
            id="a disable",
        ),
        pytest.param(
            lambda: dutiful(ON, "STARTING", "Enabled").see().update(Enabled=False), [], id="a disable by S3"
        ),
    ],
)
def test_nothing_is_done_that_cannot_be_desired(hand, broken):
    assert hand().broken == broken


def failing(*looks_s: float, again: bool = False):
    """A start was accepted and failed; the controller looked so many seconds after it."""
    hand = dutiful(ON, "FAILED", off_s=3500)
    hand.see().start()
    if again:
        hand.start()
    hand.tick()
    asked_s = hand.aws.monotonic()
    for look_s in looks_s:
        hand.aws.sleep(look_s - (hand.aws.monotonic() - asked_s))
        hand.logos.model.become("FAILED")
        hand.see().tick()
    hand.monitor.violations.clear()
    return hand


def slept(hand, seconds: float):
    hand.aws.sleep(seconds)
    return hand


@pytest.mark.parametrize(
    ("hand", "broken"),
    [
        pytest.param(lambda: slept(failing(600), 3600).see(), [], id="seen ten minutes after the start"),
        pytest.param(lambda: slept(failing(600), 3601).see(), ["LEFT"], id="for an hour from then on"),
        pytest.param(lambda: slept(failing(60), 3600).see(), [], id="seen a minute after the start"),
        pytest.param(lambda: slept(failing(59), 3541).see(), [], id="seen before, it is the old one"),
        pytest.param(lambda: slept(failing(59), 3542).see().tick(), [], id="the new one is yet to be seen"),
        pytest.param(lambda: slept(failing(59, 600), 3600).see(), [], id="an old one, then the new one"),
        pytest.param(lambda: slept(failing(600, again=True), 3600).see(), [], id="asked for twice at once"),
        pytest.param(lambda: slept(failing(600, 1200), 3000).see(), [], id="seen twice: from the first"),
        pytest.param(lambda: slept(failing(600, 1200), 3001).see(), ["LEFT"], id="seen twice: no longer"),
    ],
)
def test_a_failed_start_allows_to_wait_for_an_hour_from_when_it_was_seen(hand, broken):
    assert hand().end().broken == broken


def test_a_model_that_cannot_be_read_allows_to_wait_no_longer():
    hand = slept(dutiful(ON, "FAILED"), 3000)
    hand.see_mapping().tick()
    assert slept(hand, 601).see().end().broken == ["LEFT"]


@pytest.mark.parametrize(("minutes", "broken"), [(-1, []), (0, []), (1, ["LEFT"])])
def test_a_failure_from_before_the_opening_allows_no_wait_in_it(minutes, broken):
    hand = dutiful(ON, "FAILED")
    hand.opened = hand.aws.now() + timedelta(minutes=minutes)
    assert slept(hand, 300).see().end().broken == broken


def test_failed_starts_of_another_model_allow_no_wait():
    hand = failing(600)
    other = a_pipeline(arn=RETIRED)
    hand.logos.add_version(RETIRED)
    hand.monitor.follow([other])
    assert hand.see().end().broken == ["LEFT"]


def lived(*runs_min: float, then: str = "FAILED", by_hand: bool = False):
    """Starts that were accepted; each model was seen to run for so long, and then to be in this status."""
    hand = dutiful(ON)
    for run_min in runs_min:
        hand.logos.model.become("STOPPED")
        hand.see()
        if by_hand:
            hand.logos.change_by_hand(ManualChange.START)
        else:
            hand.start()
        slept(hand.tick(), 660).see().tick()
        slept(hand, 60 * run_min).logos.model.become(then)
        hand.see().tick()
    return hand


def refused(*codes: str | None, status: str = "STOPPED"):
    """Starts that were refused with these codes, a minute apart; then the model was seen in ``status``."""
    hand = dutiful(ON)
    for code in codes:
        hand.aws.deny("StartProjectVersion", code=code)
        slept(hand.see().start().tick(), 60).aws.unblock()
    hand.logos.model.become(status)
    hand.see().tick()
    hand.logos.model.become("STOPPED")
    return hand


BUSY = "ResourceInUseException"


@pytest.mark.parametrize(
    ("hand", "wait_s"),
    [
        pytest.param(lambda: lived(14.9), 300, id="failed within a quarter of an hour of RUNNING"),
        pytest.param(lambda: lived(14.9, 5), 600, id="twice"),
        pytest.param(lambda: lived(15.1), 0, id="failed later"),
        pytest.param(lambda: lived(5, 15.1), 0, id="failed once, and the next time later"),
        pytest.param(lambda: lived(5, then="STOPPED"), 0, id="stopped"),
        pytest.param(lambda: lived(5, by_hand=True), 0, id="failed, and somebody else had started it"),
        pytest.param(lambda: refused(None), 240, id="refused for good"),
        pytest.param(lambda: refused(None, None), 540, id="refused for good twice"),
        pytest.param(lambda: refused("ThrottlingException"), 0, id="refused for now"),
        pytest.param(lambda: refused("LimitExceededException"), 0, id="refused by a quota"),
        pytest.param(lambda: refused(BUSY, BUSY), 0, id="refused as busy twice"),
        pytest.param(lambda: refused(BUSY, BUSY, BUSY), 240, id="refused as busy three times"),
        pytest.param(lambda: refused(*[BUSY] * 5), 120, id="refused as busy five times"),
        pytest.param(lambda: refused(*[BUSY] * 5, status="STARTING"), 120, id="busy: that failure stands"),
        pytest.param(lambda: refused(BUSY, BUSY, None), 240, id="busy, then refused for good"),
    ],
)
def test_what_counts_as_a_failed_start_is_tried_again_after_the_backoff(hand, wait_s):
    hand = hand()
    hand.monitor.violations.clear()
    if wait_s:
        hand.aws.sleep(wait_s - 1)
        assert hand.see().start().broken == ["BACKOFF"]
        hand.monitor.violations.clear()
        hand.logos.model.become("STOPPED")
        hand.tick().aws.sleep(1)
    assert hand.see().start().broken == []


@pytest.mark.parametrize("event", ["STARTING", "RUNNING", "an opening"])
def test_a_row_of_busy_starts_ends_with_a_model_that_is_up_and_with_an_opening(event):
    hand = refused(BUSY, BUSY, status="STOPPED" if event == "an opening" else event)
    hand.opened = hand.aws.now() if event == "an opening" else MONDAY
    hand.aws.deny("StartProjectVersion", code=BUSY)
    hand.see().start().tick().aws.unblock()
    assert "BACKOFF" not in hand.see().start().broken


@pytest.mark.parametrize(("minutes", "broken"), [(9, ["BACKOFF"]), (10, [])])
def test_the_second_failed_start_is_tried_again_after_ten_minutes(minutes, broken):
    hand = dutiful(ON)
    for _ in range(2):
        hand.see().start().tick()
        hand.aws.sleep(120)
        hand.see().tick()
        hand.logos.model.become("FAILED")
        hand.see().tick()
        hand.aws.sleep(300)
    hand.monitor.violations.clear()
    hand.aws.sleep(60 * minutes - 300)
    assert hand.see().start().broken == broken


@pytest.mark.parametrize(
    ("hand", "broken"),
    [
        pytest.param(lambda: a_hand("STOPPED").see().start().stop(), ["ORDER"], id="a stop after a start"),
        pytest.param(
            lambda: a_hand("STOPPED", "Enabled").see().update(Enabled=False).start(), [], id="in order"
        ),
    ],
)
def test_within_a_tick_disables_and_stops_come_before_starts(hand, broken):
    rules = hand().broken
    assert [rule for rule in rules if rule == "ORDER"] == broken


def test_a_start_with_other_units_than_the_files_is_seen():
    hand = a_hand().see()
    hand.rekognition.start_project_version(ProjectVersionArn=hand.logos.model.arn, MinInferenceUnits=2)
    assert hand.broken == ["UNITS"]


def held(desired: Desired) -> dict[str, Hold]:
    return {"hold": Hold(desired=desired, until=MONDAY + timedelta(days=9), reason="")}


@pytest.mark.parametrize(
    ("at", "settings", "possible"),
    [
        pytest.param(12, {}, ON, id="open"),
        pytest.param(12, {"on_demand": OnDemand(idle=timedelta(minutes=5))}, ON | OFF, id="on demand"),
        pytest.param(12, held(Desired.OFF), OFF, id="held off"),
        pytest.param(12, held(Desired.AS_IS), AS_IS, id="held as is"),
        pytest.param(20, {}, OFF, id="closed"),
        pytest.param(17.5, {"overtime": timedelta(hours=1)}, ON | OFF, id="overtime"),
        pytest.param(18, {"overtime": timedelta(hours=1)}, OFF, id="overtime is over"),
        pytest.param(8.45, {}, OFF | ON, id="a tick before the lead"),
        pytest.param(8.5, {}, ON, id="the lead"),
        pytest.param(8.5, {"warm_up": None}, OFF | ON, id="a lead that is learned"),
        pytest.param(47.45, {}, OFF | WARM, id="a tick before the lead in an explicit closure"),
    ],
)
def test_what_can_be_desired(at, settings, possible):
    hours = spec(daily="09:00-17:00", overrides=(dated("2026-11-24", "closed"),))
    if at > 24:
        hours = spec(daily="00:00-17:00", overrides=(dated("2026-11-24", "closed"),))
    midnight = MONDAY - timedelta(hours=8)
    assert bounds(hours, **settings).possible("logos", midnight + timedelta(hours=at)) == possible


@pytest.mark.parametrize(
    ("at", "state", "so"),
    [
        (10, ("RUNNING", "Enabled"), True),
        (10, ("RUNNING", "Disabled"), False),
        (10, ("STOPPED", "Disabled"), False),
        (20, ("STOPPED", "Disabled"), True),
        (20, ("FAILED", "Disabled"), True),
        (20, ("RUNNING", "Disabled"), False),
        (20, ("STOPPED", "Enabled"), False),
        (20, ("STOPPING", "Disabled"), False),
    ],
)
def test_a_pipeline_is_as_desired_by_what_aws_says(at, state, so):
    judge = bounds()
    pipeline = judge._aws.pipelines["logos"]
    pipeline.model.become(state[0])
    pipeline.mapping.become(state[1])
    assert judge.is_so("logos", MONDAY - timedelta(hours=8) + timedelta(hours=at)) is so
