"""What a failed receive is attributed to, by histories written out by hand."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from controller.core.settings import Hold
from controller.core.states import Desired
from controller.sim.aws.faults import NONE
from controller.sim.aws.pipeline import ManualChange
from tests.simulation.attribution import Attribution
from tests.support.embedded import HERE, MONDAY, a_pipeline, an_aws
from tests.support.loop import with_settings

VISIBILITY_S = 360
HELD = Hold(desired=Desired.AS_IS, until=MONDAY + timedelta(hours=1), reason="a test")


class Story:
    """A pipeline that consumes, and what befalls it; calls are those of a controller, good or bad."""

    def __init__(self, model="RUNNING", mapping="Enabled", *, hold=None, **scenario):
        pipeline = with_settings(a_pipeline(), hold=hold)
        self.aws = an_aws(pipeline, **scenario)
        self.attribution = Attribution(self.aws, pipeline)
        self.logos = self.aws.pipelines["logos"]
        self.logos.model.become(model)
        self.logos.mapping.become(mapping)
        self.rekognition = self.aws.clients("rekognition", HERE)
        self.lambda_ = self.aws.clients("lambda", HERE)

    def send(self):
        self.logos.queue.send()
        return self

    def wait(self, seconds=60):
        self.aws.sleep(seconds)
        return self

    def by_hand(self, act):
        self.logos.change_by_hand(act)
        return self

    def dies(self):
        self.logos.model.become("FAILED", "died while running")
        return self

    def call(self, method, **request):
        with suppress(ClientError, BotoCoreError):
            return method(**request)

    def look(self):
        self.call(self.rekognition.describe_project_versions, ProjectArn=self.logos.project.arn)
        self.call(self.lambda_.get_event_source_mapping, UUID=self.logos.mapping.uuid)
        return self

    def set(self, *, enabled):
        uuid = self.logos.mapping.uuid
        self.call(self.lambda_.update_event_source_mapping, UUID=uuid, Enabled=enabled)
        return self

    def stop(self):
        self.call(self.rekognition.stop_project_version, ProjectVersionArn=self.logos.model.arn)
        return self

    def deny(self, operation):
        self.aws.deny(operation)
        return self

    @property
    def failed(self):
        """Receives that failed, and those of them that are the controller's doing."""
        return self.logos.accounting().messages.failed_receives, self.attribution.failed_receives


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(
            lambda: Story("STOPPED", "Disabled").by_hand(ManualChange.ENABLE).send(),
            id="a hand enabled the mapping",
        ),
        pytest.param(lambda: Story().by_hand(ManualChange.STOP).send(), id="a hand stopped the model"),
        pytest.param(lambda: Story().dies().send(), id="the model died"),
        pytest.param(lambda: Story().send().dies(), id="the model died under the message"),
        pytest.param(
            lambda: Story().dies().look().set(enabled=False).wait(1).send(), id="and is being disabled"
        ),
        pytest.param(
            lambda: Story().dies().deny("UpdateEventSourceMapping").look().set(enabled=False).wait(1).send(),
            id="and the mapping may not be disabled",
        ),
        pytest.param(
            lambda: Story().dies().deny("DescribeProjectVersions").look().wait(1).send(),
            id="and the model could not be read",
        ),
        pytest.param(
            lambda: Story().dies().deny("GetEventSourceMapping").look().wait(1).send(),
            id="and the mapping could not be read",
        ),
        pytest.param(lambda: Story(hold=HELD).dies().look().wait(1).send(), id="and the controller is held"),
        pytest.param(
            lambda: Story(mapping="Disabled").look().set(enabled=True).wait(1).dies().send(),
            id="after the mapping was enabled in good order",
        ),
        pytest.param(
            lambda: Story("STOPPED").look().wait(1).by_hand(ManualChange.START).wait(600).dies().send(),
            id="long after a look that left the mapping on",
        ),
    ],
)
def test_the_controller_is_not_to_blame_when(story):
    assert story().wait().failed == (1, 0)


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(
            lambda: Story("STARTING", "Disabled").look().set(enabled=True).send(),
            id="enabled while STARTING",
        ),
        pytest.param(
            lambda: Story("STARTING", "Disabled").set(enabled=True).send(), id="enabled without a look"
        ),
        pytest.param(
            lambda: Story("RUNNING", "Disabled").look().dies().wait(1).set(enabled=True).send(),
            id="enabled after an earlier look",
        ),
        pytest.param(lambda: Story().look().stop().send(), id="stopped while consuming"),
        pytest.param(
            lambda: Story().send().set(enabled=False).wait(1).look().stop(), id="stopped while disabling"
        ),
        pytest.param(lambda: Story().dies().look().wait(1).send(), id="saw the death and did nothing"),
        pytest.param(
            lambda: Story().dies().look().set(enabled=True).wait(1).send(), id="saw the death and enabled"
        ),
        pytest.param(
            lambda: Story("STOPPED", "Disabled").by_hand(ManualChange.ENABLE).look().wait(1).send(),
            id="saw the hand and did nothing",
        ),
        pytest.param(
            lambda: Story(hold=HELD).wait(3600).dies().look().wait(1).send(), id="was held no longer"
        ),
    ],
)
def test_the_controller_is_to_blame_when_it(story):
    assert story().wait().failed == (1, 1)


def test_work_in_flight_that_a_stop_cuts_off_is_the_controllers_doing():
    story = Story().send()
    story.logos.mapping.become("Disabled")
    assert story.look().stop().wait().failed == (1, 1)


STALE = replace(NONE, stale_reads=1.0, stale_s=20.0)


def test_a_stale_read_that_said_running_excuses_the_enabling():
    story = Story("RUNNING", "Disabled", faults=STALE).wait(60).dies().wait(0.01)
    assert story.look().set(enabled=True).send().wait().failed == (1, 0)


def test_a_stale_read_that_said_disabled_excuses_the_stop():
    story = Story("RUNNING", "Disabled", faults=STALE).wait(60).by_hand(ManualChange.ENABLE).wait(0.01)
    assert story.look().stop().send().wait().failed == (1, 0)


def test_what_was_received_before_the_look_is_excused_and_what_comes_after_is_not():
    story = Story().dies().send().wait(10).look().send().wait(1).send()
    assert story.wait().failed == (3, 1)


@pytest.mark.parametrize(("at", "blamed"), [(None, 0), (0, 1), (3, 1), (4, 0)])
def test_a_dead_letter_is_the_controllers_doing_if_one_of_its_receives_is(at, blamed):
    """Five receives, six minutes apart, while the model is dead; after one of them a look is neglected."""
    story = Story().dies().send()
    for receive in range(5):
        if receive == at:
            story.wait(1).look()
        story.wait(VISIBILITY_S - (receive == at))
    messages = story.wait().logos.accounting().messages
    assert (messages.dead_lettered, story.attribution.dead_lettered) == (1, blamed)


@pytest.mark.parametrize(("wait_s", "own_doing"), [(0, 1), (120, 0)])
def test_a_stop_while_pollers_go_on_is_the_controllers_doing(wait_s, own_doing):
    story = Story(faults=replace(NONE, polls_on_s=120))
    story.logos.mapping.become("Disabled")
    story.wait(wait_s).logos.model.stop()
    story.send().wait(10)
    assert story.attribution.failed_receives == own_doing


def test_a_message_that_fails_while_the_model_runs_is_not_the_controllers_doing():
    assert Story(faults=replace(NONE, stubborn_messages=1)).send().wait().failed == (1, 0)
