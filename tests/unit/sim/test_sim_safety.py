"""Every rule once kept and once broken, by calls written out by hand."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from controller.core.settings import Settings
from controller.sim.checks.safety import Monitor
from controller.sim.result import Violation
from tests.support.embedded import HERE, a_pipeline, an_aws, model_arn

MODEL = model_arn("logos")
RETIRED = model_arn("logos", created_ms=1700000000000)


class Hand:
    """Makes the calls of a controller, good ones and bad ones, under a monitor."""

    def __init__(self, *, wanted=True, hands_off=False, drain=None, pipeline=None):
        pipeline = pipeline or replace(a_pipeline(retired=(RETIRED,)), settings=Settings(drain=drain))
        self.aws = an_aws(pipeline)
        self.logos = self.aws.pipelines["logos"]
        self.monitor = Monitor(
            [pipeline],
            wants_consumption=lambda name, _at: wanted and name == "logos",
            hands_off=lambda name, _at: hands_off and name == "logos",
        )
        self.aws.listen(self.monitor.on_call)
        self.rekognition = self.aws.clients("rekognition", HERE)
        self.lambda_ = self.aws.clients("lambda", HERE)
        self.sqs = self.aws.clients("sqs", HERE)

    def see_model(self):
        with suppress(ClientError, BotoCoreError):
            self.rekognition.describe_project_versions(ProjectArn=self.logos.project.arn)
        return self

    def see_mapping(self):
        with suppress(ClientError, BotoCoreError):
            self.lambda_.get_event_source_mapping(UUID=self.logos.mapping.uuid)
        return self

    def see(self):
        return self.see_model().see_mapping()

    def see_function(self, timeout_s=60, **environment):
        function = replace(self.logos.function, timeout_s=timeout_s, environment=environment)
        self.aws._accounts["123456789012", "us-east-1"].lambda_.functions[function.name] = function
        with suppress(ClientError):
            self.lambda_.get_function_configuration(FunctionName=f"{function.arn}:live")
        return self

    def count(self):
        url = self.sqs.get_queue_url(QueueName="logos-images")["QueueUrl"]
        self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        return self

    def update(self, **members):
        with suppress(ClientError):
            self.lambda_.update_event_source_mapping(UUID=self.logos.mapping.uuid, **members)
        return self

    def start(self, arn=None):
        with suppress(ClientError):
            self.rekognition.start_project_version(
                ProjectVersionArn=arn or self.logos.model.arn, MinInferenceUnits=1
            )
        return self

    def stop(self, arn=None):
        with suppress(ClientError):
            self.rekognition.stop_project_version(ProjectVersionArn=arn or self.logos.model.arn)
        return self

    def tick(self):
        self.end()
        self.monitor.begin_tick()
        return self

    def end(self):
        self.monitor.end_tick(self.aws.now())
        return self

    @property
    def broken(self):
        return [violation.rule for violation in self.monitor.violations]


def a_hand(model="STOPPED", mapping="Disabled", **desired):
    hand = Hand(**desired)
    hand.logos.model.become(model)
    hand.logos.mapping.become(mapping)
    return hand


@pytest.mark.parametrize(
    ("hand", "broken"),
    [
        pytest.param(lambda: a_hand("RUNNING").see().update(Enabled=True), [], id="RUNNING and wanted"),
        pytest.param(lambda: a_hand("STARTING").see().update(Enabled=True), ["S1"], id="STARTING"),
        pytest.param(
            lambda: a_hand("RUNNING", wanted=False).see().update(Enabled=True), ["S1"], id="not wanted"
        ),
        pytest.param(
            lambda: a_hand("RUNNING").see().tick().see_mapping().update(Enabled=True),
            ["S4", "S1"],
            id="seen RUNNING in the tick before",
        ),
        pytest.param(
            lambda: a_hand("RUNNING", wanted=False).see().update(Enabled=False), [], id="no: disabled"
        ),
        pytest.param(
            lambda: a_hand("RUNNING").see().update(Enabled=True, BatchSize=1), ["S6"], id="with a batch size"
        ),
        pytest.param(lambda: a_hand("RUNNING").see().update(BatchSize=1), ["S6"], id="not at all"),
        pytest.param(
            lambda: a_hand("PAUSED", "Enabled").see().update(Enabled=False), ["S4"], id="unknown to us"
        ),
    ],
)
def test_the_mapping_is_updated_while_the_model_is(hand, broken):
    assert hand().broken == broken


def retiring(own="RUNNING", retired="RUNNING", mapping="Enabled", wait_s=0):
    hand = a_hand(own, mapping)
    hand.logos.retired[0].become(retired)
    hand.aws.sleep(wait_s)
    return hand.see()


@pytest.mark.parametrize(
    ("hand", "broken"),
    [
        pytest.param(retiring, ["S2"], id="this model runs, and the function is not read"),
        pytest.param(lambda: retiring().see_function(M=MODEL), [], id="the function names this model"),
        pytest.param(lambda: retiring().see_function(M=RETIRED), ["S2"], id="the function names it"),
        pytest.param(lambda: retiring().see_function(M=MODEL, N=RETIRED), ["S2"], id="it names both"),
        pytest.param(lambda: retiring().see_function(), ["S2"], id="it names none"),
        pytest.param(
            lambda: retiring().see_function(M=MODEL).tick().see(), ["S2"], id="it named it in the tick before"
        ),
        pytest.param(lambda: retiring(own="STARTING"), ["S2"], id="this model is not up yet"),
        pytest.param(lambda: retiring(own="PAUSED"), ["S2"], id="this model's status is unknown"),
        pytest.param(
            lambda: retiring(own="STOPPED", mapping="Disabled", wait_s=899), ["S2"], id="draining still"
        ),
        pytest.param(lambda: retiring(own="STOPPED", mapping="Disabled", wait_s=900), [], id="drained"),
        pytest.param(
            lambda: retiring(own="STOPPED", mapping="Disabled", wait_s=180).count(), [], id="counted as empty"
        ),
        pytest.param(
            lambda: retiring(retired="STARTING").see_function(M=MODEL), ["S4"], id="the retired one starts"
        ),
        pytest.param(lambda: retiring().tick().see_mapping(), ["S4", "S2"], id="neither was looked at"),
    ],
)
def test_a_retired_version_is_stopped_when(hand, broken):
    assert hand().stop(RETIRED).broken == broken


def test_a_retired_version_is_stopped_when_the_mapping_is_gone():
    hand = retiring(own="STOPPED")
    hand.logos.delete_mapping()
    assert hand.see().stop(RETIRED).broken == []


def drained(wait_s=0, *, send=False, count=True, **desired):
    """A pipeline ``wait_s`` after its mapping came to be Disabled, with a message in flight or none."""
    hand = a_hand("RUNNING", "Enabled", **desired)
    if send:
        hand.logos.queue.send()
    hand.logos.mapping.become("Disabled")
    if send:
        hand.logos.model.become("FAILED")
        hand.aws.sleep(10)
        hand.logos.mapping.become("Disabled")
        hand.logos.model.become("RUNNING")
    hand.aws.sleep(wait_s)
    hand.see()
    return hand.count() if count else hand


@pytest.mark.parametrize(
    ("hand", "broken"),
    [
        pytest.param(lambda: drained(180).stop(), [], id="empty for three minutes"),
        pytest.param(lambda: drained(179).stop(), ["S2"], id="too early"),
        pytest.param(lambda: drained(200, send=True).stop(), ["S2"], id="with a message in flight"),
        pytest.param(lambda: drained(200, count=False).stop(), ["S2"], id="uncounted"),
        pytest.param(lambda: drained(200).tick().see().stop(), ["S2"], id="counted in the tick before"),
        pytest.param(lambda: drained(899, count=False).stop(), ["S2"], id="just before the limit"),
        pytest.param(lambda: drained(900, count=False).stop(), [], id="at the limit"),
        pytest.param(
            lambda: drained(300, count=False, drain=timedelta(minutes=5)).stop(), [], id="at its own limit"
        ),
        pytest.param(lambda: a_hand("RUNNING", "Enabled").see().stop(), ["S2"], id="still enabled"),
        pytest.param(lambda: a_hand("RUNNING", "Disabling").see().stop(), ["S2"], id="still disabling"),
        pytest.param(lambda: drained(900).tick().see_model().stop(), ["S2"], id="mapping not looked at"),
        pytest.param(lambda: drained(900).tick().see_mapping().stop(), ["S4"], id="model not looked at"),
        pytest.param(lambda: drained(900).stop(model_arn("other")), ["S4"], id="of a stranger"),
    ],
)
def test_a_model_is_stopped(hand, broken):
    assert hand().broken == broken


@pytest.mark.parametrize(
    ("timeout_s", "window_s", "drain_s", "limit_s"),
    [
        pytest.param(60, 0, None, 240, id="pollers, the function's timeout and a minute"),
        pytest.param(900, 0, None, 1080, id="longer than the default"),
        pytest.param(60, 30, None, 270, id="with a batching window"),
        pytest.param(60, 0, 100, 240, id="a smaller drain is raised"),
        pytest.param(60, 0, 300, 300, id="a longer drain is kept"),
    ],
)
@pytest.mark.parametrize("early", [False, True])
def test_the_limit_of_a_drain_follows_the_function(timeout_s, window_s, drain_s, limit_s, early):
    drain = timedelta(seconds=drain_s) if drain_s else None
    hand = drained(count=False, drain=drain).see_function(timeout_s)
    hand.logos.mapping.batching_window_s = window_s
    hand.aws.sleep(limit_s - early)
    assert hand.tick().see().stop().broken == (["S2"] if early else [])


def test_a_function_that_may_not_be_read_leaves_the_limit_as_it_was():
    hand = drained(count=False)
    hand.aws.deny("GetFunctionConfiguration")
    hand.see_function(900).aws.sleep(900)
    assert hand.tick().see().stop().broken == []


@pytest.mark.parametrize(
    ("timeout_s", "drain_s", "limit_s"),
    [
        pytest.param(60, None, 900, id="the default, for it may be longer by now"),
        pytest.param(900, None, 1080, id="what it was, for it may be so still"),
        pytest.param(60, 300, 300, id="the file's"),
        pytest.param(60, 100, 240, id="the file's is raised to what it was"),
    ],
)
@pytest.mark.parametrize("early", [False, True])
def test_an_answer_of_an_hour_ago_does_not_bring_the_limit_down(timeout_s, drain_s, limit_s, early):
    drain = timedelta(seconds=drain_s) if drain_s else None
    hand = a_hand("RUNNING", "Enabled", drain=drain).see().see_function(timeout_s)
    hand.aws.sleep(3600)
    hand.logos.mapping.become("Disabled")
    hand.tick().see().aws.sleep(limit_s - early)
    assert hand.tick().see().stop().broken == (["S2"] if early else [])


def test_a_limit_is_forgotten_with_the_memory():
    hand = drained(count=False).see_function(900)
    hand.aws.sleep(900)
    hand.monitor.lose_memory()
    assert hand.tick().see().stop().broken == []


def test_a_model_is_stopped_when_its_mapping_is_gone():
    hand = a_hand("RUNNING")
    hand.logos.delete_mapping()
    assert hand.see().stop().broken == []


@pytest.mark.parametrize("state", ["TRAINING_FAILED", "DEPRECATED", "COPYING_IN_PROGRESS", "PAUSED"])
def test_a_model_that_cannot_live_is_neither_stopped_nor_started(state):
    hand = a_hand(state)
    hand.aws.sleep(900)
    assert hand.see().stop().start().broken == ["S4", "S4"]


@pytest.mark.parametrize(
    ("hand", "broken"),
    [
        pytest.param(lambda: a_hand("STOPPED").see().start(), [], id="STOPPED"),
        pytest.param(lambda: a_hand("FAILED", "Disabling").see().start(), [], id="FAILED"),
        pytest.param(lambda: a_hand("RUNNING").see().start(), ["S4"], id="RUNNING"),
        pytest.param(lambda: a_hand().see_mapping().start(), ["S4"], id="not looked at"),
        pytest.param(lambda: a_hand().see_model().start(), ["S8"], id="its mapping not looked at"),
        pytest.param(lambda: a_hand(mapping="Deleting").see().start(), ["S8"], id="its mapping Deleting"),
        pytest.param(lambda: a_hand(mapping="Sulking").see().start(), ["S8"], id="its mapping unknown"),
        pytest.param(lambda: retiring().start(RETIRED), ["S4"], id="retired, and running"),
        pytest.param(lambda: retiring(retired="STOPPED").start(RETIRED), ["S4"], id="retired"),
    ],
)
def test_a_model_is_started_when_it_is(hand, broken):
    assert hand().broken == broken


def test_a_pipeline_is_started_once_in_an_invocation():
    hand = a_hand()
    hand.monitor.begin_invocation()
    assert hand.see().start().broken == []
    hand.logos.model.become("FAILED")
    assert hand.tick().see().start().broken == ["ONCE"]
    hand.logos.model.become("FAILED")
    hand.monitor.begin_invocation()
    assert hand.tick().see().start().broken == ["ONCE"]


def test_a_start_that_was_refused_was_asked_for_all_the_same():
    hand = a_hand()
    hand.monitor.begin_invocation()
    hand.aws.deny("StartProjectVersion")
    assert hand.see().start().start().broken == ["ONCE"]


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda hand: hand.update(Enabled=False), id="disabled"),
        pytest.param(lambda hand: hand.stop(), id="stopped"),
        pytest.param(lambda hand: hand.stop(RETIRED), id="its retired version stopped"),
        pytest.param(lambda hand: hand.start(), id="started"),
    ],
)
def test_nothing_is_written_under_a_hand_that_holds_the_pipeline(act):
    hand = a_hand("RUNNING", hands_off=True)
    hand.logos.retired[0].become("RUNNING")
    hand.aws.sleep(900)
    act(hand.see())
    assert hand.broken[0] == "AS_IS"
    (name,) = {violation.pipeline for violation in hand.monitor.violations}
    assert name == "logos"


@pytest.mark.parametrize("spoil", ["delete_mapping", "feed_from"])
def test_no_model_is_started_without_a_consumer(spoil):
    hand = a_hand()
    if spoil == "delete_mapping":
        hand.logos.delete_mapping()
    else:
        hand.logos.feed_from("arn:aws:kinesis:us-east-1:123456789012:stream/images")
    assert hand.see().start().broken == ["S8"]


@pytest.mark.parametrize(
    ("hand", "broken"),
    [
        pytest.param(lambda: a_hand("STARTING", "Enabled").see(), ["S3"], id="Enabled while STARTING"),
        pytest.param(lambda: a_hand("FAILED", "Enabling").see(), ["S3"], id="Enabling while FAILED"),
        pytest.param(lambda: a_hand("EXPIRED", "Enabled").see(), ["S3"], id="Enabled while EXPIRED"),
        pytest.param(lambda: a_hand("STARTING", "Enabled").see().update(Enabled=False), [], id="disabled"),
        pytest.param(
            lambda: a_hand("FAILED", "Enabling").see().update(Enabled=False), [], id="disabled in vain"
        ),
        pytest.param(lambda: a_hand("STARTING", "Enabled", hands_off=True).see(), [], id="hands off"),
        pytest.param(lambda: a_hand("RUNNING", "Enabled").see(), [], id="RUNNING"),
        pytest.param(lambda: a_hand("PAUSED", "Enabled").see(), [], id="a status unknown to us"),
        pytest.param(lambda: a_hand("STARTING", "Disabling").see(), [], id="Disabling"),
        pytest.param(lambda: a_hand("STARTING", "Enabled").see_model(), [], id="the mapping not seen"),
        pytest.param(lambda: a_hand("STARTING", "Enabled").see_mapping(), [], id="the model not seen"),
    ],
)
def test_a_mapping_is_not_left_receiving_without_its_model(hand, broken):
    assert hand().end().broken == broken


def test_a_model_that_its_project_does_not_have_is_not_running_either():
    hand = a_hand("RUNNING", "Enabled")
    hand.logos.project.versions.remove(hand.logos.model)
    assert hand.see().end().broken == ["S3"]


def test_a_project_that_does_not_exist_has_no_model_running():
    hand = a_hand("RUNNING", "Enabled")
    hand.aws.deny("DescribeProjectVersions", code="ResourceNotFoundException")
    assert hand.see().end().broken == ["S3"]


def test_a_project_that_is_not_found_by_name_has_no_model_running():
    hand = a_hand("RUNNING", "Enabled")
    hand.see_mapping().rekognition.describe_projects(ProjectNames=["logos"])
    assert hand.end().broken == []
    hand.aws._accounts["123456789012", "us-east-1"].rekognition.projects.clear()
    hand.rekognition.describe_projects(ProjectNames=["logos"])
    assert hand.end().broken == ["S3"]


def test_a_second_look_that_fails_takes_back_the_first():
    hand = a_hand("RUNNING").see()
    hand.aws.cut_off("rekognition")
    assert hand.see_model().update(Enabled=True).broken == ["S4", "S1"]


def test_a_model_on_the_second_page_is_seen():
    hand = a_hand("RUNNING")
    hand.logos.add_version(model_arn("logos", created_ms=1800000000000))
    describe, arn = hand.rekognition.describe_project_versions, hand.logos.project.arn
    token = describe(ProjectArn=arn, MaxResults=1)["NextToken"]
    describe(ProjectArn=arn, MaxResults=1, NextToken=token)
    assert hand.see_mapping().update(Enabled=True).broken == []


def test_a_violation_says_when_where_and_what():
    hand = a_hand("STARTING")
    hand.see().update(Enabled=True)
    (violation,) = hand.monitor.violations
    assert violation == Violation(rule="S1", at=hand.aws.now(), pipeline="logos", detail=violation.detail)
    assert violation.detail.startswith("enabled while the model was ")
    assert violation.detail.endswith(" STARTING")


def test_people_who_act_by_hand_are_not_blamed():
    hand = a_hand("STARTING")
    hand.logos.mapping.update(enabled=True, cause="by hand")
    assert hand.broken == []


def read_in_pages(hand, size=1, pages=None):
    """The versions of the project, ``size`` in an answer, to the end or the first ``pages`` of them."""
    asked = {"ProjectArn": hand.logos.project.arn, "MaxResults": size}
    answer = hand.rekognition.describe_project_versions(**asked)
    read = 1
    while "NextToken" in answer and read != pages:
        answer = hand.rekognition.describe_project_versions(**asked, NextToken=answer["NextToken"])
        read += 1
    return hand


def paged(model="STOPPED", mapping="Disabled", retired="STOPPED"):
    hand = a_hand(model, mapping)
    hand.logos.retired[0].become(retired)
    return hand.see_mapping()


@pytest.fixture(params=[False, True], ids=["this model first", "the retired one first"])
def turned(request):
    """Which of the two versions the first page is about."""
    return request.param


def in_order(hand, turned):
    """The newest is answered first."""
    hand.logos.model.created_at = hand.logos.retired[0].created_at + timedelta(days=-1 if turned else 1)
    return hand


def test_what_is_answered_in_two_pages_is_put_together(turned):
    hand = in_order(paged(mapping="Enabled", retired="RUNNING"), turned)
    assert read_in_pages(hand).see_function(M=MODEL).start().stop(RETIRED).broken == []


def test_of_what_stands_on_a_page_that_was_not_read_nothing_is_known(turned):
    hand = read_in_pages(in_order(paged("RUNNING"), turned), pages=1)
    assert hand.update(Enabled=True).broken == (["S4", "S1"] if turned else [])


def test_what_the_pages_say_together_must_be_acted_on(turned):
    assert read_in_pages(in_order(paged("STARTING", "Enabled"), turned)).end().broken == ["S3"]


def test_a_listing_that_begins_anew_forgets_the_one_before(turned):
    hand = read_in_pages(in_order(paged("RUNNING"), turned))
    read_in_pages(hand, pages=1)
    assert hand.update(Enabled=True).broken == (["S4", "S1"] if turned else [])


@pytest.mark.parametrize(("pages", "broken"), [(1, []), (None, ["S3"])], ids=["not yet", "after the last"])
def test_a_version_that_is_on_none_of_the_pages_is_absent(pages, broken):
    other = model_arn("logos", created_ms=1600000000000)
    pipeline = replace(a_pipeline(retired=(RETIRED, other)), settings=Settings())
    hand = a_hand(mapping="Enabled", pipeline=pipeline)
    hand.logos.project.versions[:] = [each for each in hand.logos.project.versions if each.arn != MODEL]
    assert read_in_pages(hand.see_mapping(), pages=pages).end().broken == broken


def unstamped(hand):
    """The answer about the mapping lacks ``LastModified``."""
    real = hand.monitor.on_call

    def on_call(call):
        if call.request.operation == "GetEventSourceMapping":
            call = replace(call, answer={k: v for k, v in call.answer.items() if k != "LastModified"})
        real(call)

    hand.aws._transport.listeners.remove(real)
    hand.aws.listen(on_call)
    return hand


@pytest.mark.parametrize("waited_s", [0, 899, 900])
def test_a_mapping_without_a_time_is_disabled_since_it_was_first_seen_so(waited_s):
    hand = unstamped(a_hand("RUNNING", "Disabled"))
    hand.aws.sleep(10_000)
    hand.see()
    hand.aws.sleep(waited_s)
    assert hand.tick().see().stop().broken == ([] if waited_s == 900 else ["S2"])


def test_a_mapping_without_a_time_that_was_enabled_in_between_is_disabled_since_then():
    hand = unstamped(a_hand("RUNNING", "Disabled")).see()
    hand.aws.sleep(600)
    hand.logos.mapping.become("Enabled")
    hand.tick().see().logos.mapping.become("Disabled")
    hand.tick().see().aws.sleep(600)
    assert hand.tick().see().stop().broken == ["S2"]
    hand.aws.sleep(300)
    assert hand.tick().see().stop().broken == ["S2"]
