"""People, faults, edits of the file and jumps of the clock, in any order: S1 to S8 hold after every step.

When all of it has ended, the pipeline is as desired within two hours.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from controller.core.settings import Budget, Hold, OnDemand, Settings
from controller.core.states import Desired
from controller.loop.reconcile import settle
from controller.sim.aws.faults import NONE, Faults
from controller.sim.aws.pipeline import ManualChange
from controller.sim.aws.traffic import Traffic
from controller.sim.aws.world import Scenario
from tests.support.embedded import a_pipeline, model_arn
from tests.support.loop import TICK, Stage, a_config, utc
from tests.support.schedules import dated, span, spec

HOURS = (
    spec(daily="08:30-17:00"),
    spec(daily="08:30-12:00, 12:20-12:40, 13:30-17:00"),
    spec(daily="22:00-06:00"),
    spec(daily="08:30-17:00", overrides=(span("2026-11-23T00:00", "2026-11-23T16:40", "closed"),)),
    spec(daily="closed", overrides=(dated("2026-11-24", "open"),)),
    spec(daily="closed"),
)
RULES = (
    Settings(),
    Settings(warm_up=timedelta(minutes=10), bridge=timedelta(0), rescue=None),
    Settings(drain=timedelta(minutes=1), overtime=timedelta(hours=2)),
    Settings(on_demand=OnDemand(idle=timedelta(minutes=20)), rescue=timedelta(hours=6)),
    Settings(budget=Budget(unit_hours_per_month=3, enforce=True)),
    Settings(bridge=timedelta(hours=2), budget=Budget(unit_hours_per_month=3)),
)
OPERATIONS = (
    *("DescribeProjects", "DescribeProjectVersions", "StartProjectVersion", "StopProjectVersion"),
    *("GetEventSourceMapping", "UpdateEventSourceMapping", "GetFunctionConfiguration"),
    *("GetQueueUrl", "GetQueueAttributes", "GetMetricData"),
)
OLD = model_arn("logos", created_ms=1700000000000).replace("2026-01-15", "2025-01-15")
PIPELINE = a_pipeline("logos", retired=(OLD,))
CALM_WITHIN = 24


class AnythingGoes(RuleBasedStateMachine):
    @initialize(seed=st.integers(0, 1000), hours=st.sampled_from(HOURS))
    def begin(self, seed, hours):
        scenario = Scenario(
            start=utc("2026-11-23T07:00"),
            seed=seed,
            traffic=Traffic(per_day=2000),
            start_minutes=(5, 30),
        )
        config = a_config(PIPELINE, specs=(replace(hours, name="office"),))
        self.stage = Stage(config=config, scenario=scenario)

    @rule(ticks=st.integers(1, 12))
    def time_passes_with_ticks(self, ticks):
        for _ in range(ticks):
            self.stage.tick()
            self.stage.aws.sleep(TICK.total_seconds())

    @rule(budget_s=st.integers(0, 240))
    def an_invocation_looks_again_and_again(self, budget_s):
        self.stage.monitor.begin_invocation()
        budget, aws = timedelta(seconds=budget_s), self.stage.aws
        for _ in settle(
            self.stage.look,
            clock=aws.now,
            monotonic=aws.monotonic,
            sleep=aws.sleep,
            budget=budget,
        ):
            pass

    @rule(hours=st.floats(0.01, 40))
    def no_tick_comes(self, hours):
        self.stage.aws.sleep(hours * 3600)

    @rule(act=st.sampled_from(ManualChange))
    def somebody_lays_a_hand_on_it(self, act):
        self.stage.pipeline.change_by_hand(act)

    @rule()
    def the_model_dies(self):
        if self.stage.pipeline.model.status == "RUNNING":
            self.stage.pipeline.model.become("FAILED")

    @rule()
    def the_retired_version_is_started_by_somebody(self):
        self.stage.pipeline.retired[0].become("RUNNING")

    @rule(operation=st.sampled_from(OPERATIONS), code=st.sampled_from([None, "ThrottlingException"]))
    def an_operation_is_refused_from_now_on(self, operation, code):
        self.stage.aws.deny(operation, code=code)

    @rule()
    def nothing_answers_any_more(self):
        self.stage.aws.cut_off()

    @rule()
    def what_stood_in_the_way_is_cleared(self):
        self.stage.aws.unblock()

    @rule(worse=st.booleans())
    def the_world_becomes_better_or_worse(self, worse):
        self.stage.aws.world.injector.faults = Faults() if worse else NONE

    @rule(hours=st.sampled_from(HOURS), rules=st.sampled_from(RULES))
    def the_file_is_edited(self, hours, rules):
        self._configure(replace(rules, hold=self._pipeline.settings.hold), hours)

    @rule(desired=st.sampled_from([Desired.ON, Desired.OFF, Desired.AS_IS]), hours=st.integers(1, 30))
    def the_pipeline_is_held(self, desired, hours):
        until = self.stage.aws.now() + timedelta(hours=hours)
        self._configure(replace(self._pipeline.settings, hold=Hold(desired=desired, until=until, reason="")))

    @rule()
    def the_hold_is_lifted(self):
        self._configure(replace(self._pipeline.settings, hold=None))

    @rule()
    def the_memory_is_lost(self):
        self.stage.forget()

    @precondition(lambda self: self.stage.pipeline.mapping.state == "Disabled")
    @rule()
    def something_else_feeds_the_mapping_for_a_tick(self):
        mapping = self.stage.pipeline.mapping
        queue_arn, mapping.source_arn = mapping.source_arn, "arn:aws:kinesis:us-east-1:123456789012:stream/x"
        self.stage.tick()
        mapping.source_arn = queue_arn

    @invariant()
    def every_rule_holds(self):
        assert not self.stage.monitor.violations, self.stage.monitor.violations

    def teardown(self):
        if hasattr(self, "stage"):
            self._calm()
            self.stage.wait_for(self.stage.converged, ticks=CALM_WITHIN)
            assert not self.stage.monitor.violations, self.stage.monitor.violations

    def _calm(self):
        self.stage.aws.unblock()
        self.stage.aws.end_faults()
        self._configure(Settings())

    @property
    def _pipeline(self):
        return self.stage.config.pipelines[0]

    def _configure(self, rules, hours=None):
        specs = (replace(hours, name="office"),) if hours else tuple(self.stage.config.specs.values())
        self.stage.configure(a_config(replace(self._pipeline, settings=rules), specs=specs))


TestAnythingGoes = AnythingGoes.TestCase
TestAnythingGoes.settings = settings(
    max_examples=100,
    stateful_step_count=40,
    derandomize=True,  # the same runs everywhere; rare finds are hunted with more examples, on purpose
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
