"""boto3 sessions, with the process's own credentials or with an assumed role's, which are refreshed.

The one module here that imports boto3: import it when a client is wanted, not before.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.credentials import (
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
    create_assume_role_refresher,
)
from botocore.exceptions import BotoCoreError
from botocore.session import get_session

from controller.aws.calls import Call, presentable
from controller.errors import TerminalError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_sts import STSClient
    from mypy_boto3_sts.type_defs import AssumeRoleRequestTypeDef

    from controller.aws.retries import RetryConfig

NAME: Final = "rekognition-scheduler"
"""In the user agent of every call, and the name of the role's session in the other account's CloudTrail."""


def create_client(session: boto3.Session, service: str, region: str | None, patience: RetryConfig) -> Any:  # noqa: ANN401 - its type follows from the name
    config = Config(
        retries={"mode": "standard", "total_max_attempts": patience.attempts},
        connect_timeout=patience.connect_timeout_s,
        read_timeout=patience.read_timeout_s,
        user_agent_extra=NAME,
    )
    return session.client(service, region_name=region, config=config)  # type: ignore[call-overload]  # the stubs want literals


def role_session(sts: STSClient, role_arn: str, external_id: str | None) -> boto3.Session:
    """Its credentials are asked for at the first call, and again before they expire (after an hour).

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """
    session = get_session()
    provider = _RoleProvider(sts, role_arn, external_id)
    session.register_component("credential_provider", CredentialResolver([provider]))
    return boto3.Session(botocore_session=session)


class _RoleProvider(CredentialProvider):
    METHOD = "assume-role"

    def __init__(self, sts: STSClient, role_arn: str, external_id: str | None) -> None:
        super().__init__()
        request: AssumeRoleRequestTypeDef = {"RoleArn": role_arn, "RoleSessionName": NAME}
        if external_id is not None:
            request["ExternalId"] = external_id
        self._call = Call(name="sts:AssumeRole", resource=role_arn)
        self._assume = create_assume_role_refresher(sts, request)

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(self._refresh, self.METHOD)

    def _refresh(self) -> dict[str, Any]:
        # It runs inside whichever call needs the credentials; the error must name this one.
        with self._call.sending(), self._call.reading():
            credentials: dict[str, Any] = self._assume()
            return credentials


@contextmanager
def configuring(service: str, region: str) -> Iterator[None]:
    """A configuration that boto3 refuses leaves as an ``AwsError``, whichever exception it chose."""
    resource = region or "the standard region"
    call = Call(name=f"{service}:CreateClient", resource=resource)
    with call.sending():
        try:
            yield
        except BotoCoreError:  # some of them are ValueErrors too
            raise
        except ValueError as error:
            message = presentable(str(error))
            raise TerminalError(
                call=call.name, resource=resource, code="InvalidConfiguration", message=message
            ) from None
