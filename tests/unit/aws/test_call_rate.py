"""The rate of calls, in virtual time: nobody waits without need, and no second has more than the quota."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from botocore.awsrequest import AWSResponse

from controller.aws.call_rate import CLOUDWATCH, LAMBDA, REKOGNITION, CallRates, Rate, TokenBucket
from controller.aws.clients import BotoClients
from controller.aws.retries import RetryConfig
from controller.config.model import Target

HERE = Target(region="us-east-1")
ROLE = "arn:aws:iam::{}:role/scheduler"


@dataclass
class Clock:
    now_s: float = 100.0

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, for_s: float) -> None:
        assert for_s > 0
        self.now_s += for_s


def taken_at_s(number: int, rate: Rate, clock: Clock) -> list[float]:
    bucket, began_s = TokenBucket(rate=rate, monotonic=clock.monotonic, sleep=clock.sleep), clock.now_s
    instants = []
    for _ in range(number):
        bucket.take()
        instants.append(clock.now_s - began_s)
    return instants


def test_a_burst_goes_at_once_and_the_rest_at_the_rate():
    assert taken_at_s(7, Rate(per_s=4, burst=3), Clock()) == pytest.approx([0, 0, 0, 0.25, 0.5, 0.75, 1.0])


def test_after_a_pause_there_is_a_burst_again():
    clock = Clock()
    bucket = TokenBucket(rate=Rate(per_s=4, burst=3), monotonic=clock.monotonic, sleep=clock.sleep)
    for _ in range(3):
        bucket.take()
    clock.sleep(0.75)
    before_s = clock.now_s
    for _ in range(3):
        bucket.take()
    assert clock.now_s == before_s


@dataclass
class Quota:
    """AWS's side: ``per_s`` tokens a second, at most ``per_s`` of them; it refuses who comes without."""

    clock: Clock
    per_s: float = 5.0
    tokens: float = 5.0
    at_s: float = 100.0
    refused: int = 0

    def call(self) -> None:
        now_s = self.clock.now_s
        self.tokens = min(self.per_s, self.tokens + (now_s - self.at_s) * self.per_s)
        self.at_s = now_s
        self.refused += self.tokens < 1
        self.tokens -= self.tokens >= 1


@pytest.mark.parametrize(
    ("rate", "quota"),
    [
        pytest.param(REKOGNITION, 5, id="rekognition"),
        pytest.param(LAMBDA, 15, id="lambda"),
        pytest.param(CLOUDWATCH, 50, id="cloudwatch"),
    ],
)
def test_no_second_has_more_calls_than_the_quota_wherever_it_begins(rate, quota):
    """AWS does not say how it counts: in a bucket, or in seconds of its own."""
    instants = taken_at_s(5 * quota, rate, Clock())
    assert max(sum(begin <= at < begin + 0.999 for at in instants) for begin in instants) <= quota


@pytest.mark.parametrize("pipelines", [20, 50, 100])
def test_under_a_quota_of_five_a_second_no_call_of_many_pipelines_is_refused(pipelines):
    clock = Clock()
    bucket = TokenBucket(rate=REKOGNITION, monotonic=clock.monotonic, sleep=clock.sleep)
    quota = Quota(clock)
    for _tick in range(3):
        for _ in range(pipelines):
            bucket.take()
            quota.call()
        clock.sleep(60)
    assert quota.refused == 0


@dataclass
class Account:
    """Clients whose requests are answered here, each noted with the instant at which it was sent."""

    clock: Clock = field(default_factory=Clock)
    sent_at_s: dict[str, list[float]] = field(default_factory=dict)
    status: int = 200

    def __post_init__(self) -> None:
        rates = CallRates(monotonic=self.clock.monotonic, sleep=self.clock.sleep)
        self.clients = BotoClients(RetryConfig(attempts=2), rates)

    def client(self, service: str, target: Target = HERE):
        made = self.clients(service, target)
        made.meta.events.register_last(f"before-send.{service}", self._answer)
        return made

    def _answer(self, event_name: str, **_request):
        self.sent_at_s.setdefault(event_name.rsplit(".", maxsplit=1)[-1], []).append(self.clock.now_s - 100)
        body = b'{"__type": "ThrottlingException"}' if self.status != 200 else b"{}"
        return AWSResponse("https://here", self.status, {}, Raw(body))


@dataclass
class Raw:
    body: bytes

    def stream(self):
        yield self.body

    def read(self):
        return self.body


def test_each_operation_of_rekognition_has_a_rate_of_its_own():
    account = Account()
    client = account.client("rekognition")
    for _ in range(4):
        client.describe_projects()
        client.describe_project_versions(ProjectArn="arn:aws:rekognition:us-east-1:123456789012:project/p/1")
    assert account.sent_at_s == {
        "DescribeProjects": pytest.approx([0, 0, 0.25, 0.5]),
        "DescribeProjectVersions": pytest.approx([0, 0, 0.25, 0.5]),
    }


def test_all_operations_of_lambda_share_one_rate():
    account = Account()
    client = account.client("lambda")
    for _ in range(LAMBDA.burst):
        client.get_event_source_mapping(UUID="8921ca0f-beb3-40d0-ad20-d4ae29a2e6f6")
    client.get_function_configuration(FunctionName="inference")
    assert account.sent_at_s["GetFunctionConfiguration"] == pytest.approx([1 / LAMBDA.per_s])


def test_a_retry_waits_for_its_turn_too(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)  # botocore's own pause before a retry
    account = Account(status=400)
    client = account.client("rekognition")
    for _ in range(2):
        with pytest.raises(client.exceptions.ThrottlingException):
            client.describe_projects()
    assert account.sent_at_s["DescribeProjects"] == pytest.approx([0, 0, 0.25, 0.5])


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        pytest.param(Target(region="eu-west-1"), False, id="another region"),
        pytest.param(Target(region="us-east-1", role_arn=ROLE.format("210987654321")), False, id="another's"),
    ],
)
def test_accounts_and_regions_do_not_wait_for_each_other(other, shared):
    clock = Clock()
    rates = CallRates(monotonic=clock.monotonic, sleep=clock.sleep)
    clients = BotoClients(rates=rates)
    accounts = ["", other.role_arn.split(":")[4] if other.role_arn else ""]
    buckets = [
        rates.bucket("rekognition", "DescribeProjects", account, target.region)
        for account, target in zip(accounts, (HERE, other), strict=True)
    ]
    assert (buckets[0] is buckets[1]) is shared
    assert clients("rekognition", HERE) is not None


def test_two_roles_of_one_account_share_a_rate(monkeypatch):
    limited = []
    monkeypatch.setattr(CallRates, "limit", lambda _self, _client, account: limited.append(account))
    clock = Clock()
    clients = BotoClients(rates=CallRates(monotonic=clock.monotonic, sleep=clock.sleep))
    for name in ("one", "two"):
        clients("rekognition", Target(region="us-east-1", role_arn=f"arn:aws:iam::210987654321:role/{name}"))
    assert [each for each in limited if each] == ["210987654321", "210987654321"]


def test_a_service_without_a_rate_is_left_alone():
    account = Account()
    client = account.client("sqs")
    for _ in range(30):
        client.list_queues()
    assert account.clock.now_s == 100
