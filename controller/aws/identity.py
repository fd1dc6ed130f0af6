"""The caller's identity, and the time on AWS's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from controller.aws.calls import Call, utc

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The caller; ``answered_at`` is AWS's time, to the second and aware (``None``: not in the answer)."""

    arn: str
    answered_at: datetime | None

    @property
    def principal(self) -> str:
        """What policies are attached to: the role of a role's session. The path of a role is not known.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
        """
        match self.arn.split(":"):
            case [arn, partition, "sts", region, account, rest] if rest.startswith("assumed-role/"):
                role = rest.split("/")[1]
                return ":".join((arn, partition, "iam", region, account, f"role/{role}"))
            case _:
                return self.arn


class Identities:
    def __init__(self, client: STSClient) -> None:
        self._client = client

    def own(self) -> Identity:
        """Needs no permission. Raises ``TransientError`` or ``TerminalError``.

        Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
        """
        call = Call(name="sts:GetCallerIdentity", resource="the caller")
        with call.sending():
            answer = self._client.get_caller_identity()
        with call.reading():
            date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
            answered_at = utc(parsedate_to_datetime(date), "Date") if date else None
            return Identity(arn=answer["Arn"], answered_at=answered_at)
