from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.embedded import HERE, MONDAY, a_pipeline, an_aws, refusal

UUID = a_pipeline().consumer.event_source_mapping


def seen(aws):
    answer = aws.clients("lambda", HERE).get_event_source_mapping(UUID=UUID)
    return answer["State"], answer["LastModified"]


def update(aws, **members):
    return aws.clients("lambda", HERE).update_event_source_mapping(UUID=UUID, **members)


def test_a_mapping_is_disabled_at_first_and_since_a_day():
    assert seen(an_aws()) == ("Disabled", MONDAY - timedelta(days=1))


@pytest.mark.parametrize(
    ("before", "enabled", "transition", "after"),
    [
        pytest.param("Disabled", True, "Enabling", "Enabled", id="enabled"),
        pytest.param("Enabled", False, "Disabling", "Disabled", id="disabled"),
        pytest.param("Enabled", True, "Updating", "Enabled", id="enabled again"),
        pytest.param("Disabled", False, "Updating", "Disabled", id="disabled again"),
    ],
)
def test_a_mapping_takes_five_to_sixty_seconds_to_be(before, enabled, transition, after):
    aws = an_aws()
    aws.pipelines["logos"].mapping.become(before)
    aws.sleep(100)
    assert update(aws, Enabled=enabled)["State"] == transition
    assert seen(aws) == (transition, aws.now())
    aws.sleep(4)
    assert seen(aws)[0] == transition
    aws.sleep(56)
    state, modified = seen(aws)
    assert state == after
    assert timedelta(seconds=105) <= modified - MONDAY <= timedelta(seconds=160)


@pytest.mark.parametrize("state", ["Creating", "Enabling", "Disabling", "Updating", "Deleting"])
def test_an_update_is_refused_while(state):
    aws = an_aws()
    aws.pipelines["logos"].mapping.become(state)
    codes = {refusal(lambda: update(aws, Enabled=False))[1] for _ in range(30)}
    assert codes == {"ResourceInUseException", "ResourceConflictException"}
    assert seen(aws)[0] == state


def test_a_mapping_goes_on_receiving_while_updating_what_is_enabled():
    aws = an_aws()
    mapping = aws.pipelines["logos"].mapping
    mapping.become("Enabled")
    update(aws, Enabled=True)
    assert (mapping.state, mapping.polls, mapping.serves) == ("Updating", True, True)


@pytest.mark.parametrize("state", ["Creating", "Disabled", "Updating", "Deleting"])
def test_nothing_is_received_while(state):
    mapping = an_aws().pipelines["logos"].mapping
    mapping.become(state)
    assert not mapping.polls


@pytest.mark.parametrize("state", ["Enabling", "Disabling"])
def test_messages_may_be_received_and_are_not_sure_to_be_while(state):
    mapping = an_aws().pipelines["logos"].mapping
    mapping.become(state)
    assert (mapping.polls, mapping.serves) == (True, False)


BATCHING_WINDOW = "MaximumBatchingWindowInSeconds"


def test_a_mapping_tells_its_batching_window():
    aws = an_aws()
    aws.pipelines["logos"].mapping.batching_window_s = 20
    answer = aws.clients("lambda", HERE).get_event_source_mapping(UUID=UUID)
    assert answer[BATCHING_WINDOW] == 20


def test_what_an_update_leaves_out_stays_and_what_it_names_is_overwritten():
    aws = an_aws()
    before = aws.pipelines["logos"].mapping.configuration()
    update(aws, Enabled=True)
    aws.sleep(60)
    assert update(aws, Enabled=True, BatchSize=1)["BatchSize"] == 1
    after = aws.pipelines["logos"].mapping.configuration()
    assert {name for name in before if before[name] != after[name]} == {"State", "LastModified", "BatchSize"}


def test_a_deleted_mapping_is_not_found():
    aws = an_aws()
    aws.pipelines["logos"].delete_mapping()
    assert refusal(lambda: seen(aws)) == ("GetEventSourceMapping", "ResourceNotFoundException")
    assert refusal(lambda: update(aws, Enabled=True))[1] == "ResourceNotFoundException"


def test_a_mapping_fed_by_something_else_receives_nothing_from_the_queue():
    aws = an_aws()
    logos = aws.pipelines["logos"]
    stream = "arn:aws:kinesis:us-east-1:123456789012:stream/images"
    logos.feed_from(stream)
    logos.mapping.become("Enabled")
    logos.queue.send()
    aws.sleep(60)
    answer = aws.clients("lambda", HERE).get_event_source_mapping(UUID=UUID)
    assert (answer["EventSourceArn"], logos.queue.waiting) == (stream, 1)


@pytest.mark.parametrize(
    "name",
    [
        "logos-inference",
        "logos-inference:live",
        "123456789012:function:logos-inference",
        "arn:aws:lambda:us-east-1:123456789012:function:logos-inference",
        "arn:aws:lambda:us-east-1:123456789012:function:logos-inference:live",
    ],
)
def test_a_function_is_found_by(name):
    answer = an_aws().clients("lambda", HERE).get_function_configuration(FunctionName=name)
    assert (answer["FunctionName"], answer["Timeout"]) == ("logos-inference", 60)


def test_a_function_that_is_not_there_is_not_found():
    get = an_aws().clients("lambda", HERE).get_function_configuration
    assert refusal(lambda: get(FunctionName="other"))[1] == "ResourceNotFoundException"
