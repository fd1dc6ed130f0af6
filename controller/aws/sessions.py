"""boto3 sessions, with the process's own credentials or with an assumed role's, which are refreshed.

The one module here that imports boto3: import it when a client is wanted, not before.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.request import getproxies

import boto3
from botocore.config import Config
from botocore.credentials import (
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
    create_assume_role_refresher,
)
from botocore.exceptions import BotoCoreError, UnknownRegionError
from botocore.session import Session, get_session

from controller.aws.calls import Call, presentable
from controller.errors import TerminalError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_sts import STSClient
    from mypy_boto3_sts.type_defs import AssumeRoleRequestTypeDef

    from controller.aws.retries import RetryConfig

NAME: Final = "rekognition-scheduler"
"""In the user agent of every call, and the name of the role's session in the other account's CloudTrail."""


CONNECTIONS: Final = 16
"""Of one client: as many as a tick has threads, so that none is opened anew for each call."""
_ROOTS: Final = Path(__file__).with_name("amazon_roots.pem")


def base_session(profile: str | None, region: str | None) -> Session:
    """A session with the process's own credentials, from boto3's standard configuration."""
    session = get_session()
    boto3.Session(botocore_session=session, profile_name=profile, region_name=region)
    return session


def create_client(session: Session, service: str, region: str | None, patience: RetryConfig) -> Any:  # noqa: ANN401 - its type follows from the name
    config = Config(
        retries={"mode": "standard", "total_max_attempts": patience.attempts},
        connect_timeout=patience.connect_timeout_s,
        read_timeout=patience.read_timeout_s,
        user_agent_extra=NAME,
        max_pool_connections=CONNECTIONS,
    )
    return session.create_client(service, region_name=region, config=config, verify=_roots(session, region))


def _roots(session: Session, region: str | None) -> str | None:
    """The five roots of Amazon's own authority, where nothing says that another one may answer.

    Each connection reads the file: botocore's, with the roots of the whole web, takes fifteen times as long.
    """
    if _partition(session, region or session.get_config_variable("region")) != "aws":
        return None
    proxies, configured = getproxies(), session.get_scoped_config()
    others = (
        session.get_config_variable("ca_bundle"),
        proxies.get("https") or proxies.get("all"),
        [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")],
        configured.get("endpoint_url"),
        configured.get("services"),
        not _ROOTS.is_file(),
    )
    return None if any(others) else str(_ROOTS)


def _partition(session: Session, region: str | None) -> str | None:
    try:
        return session.get_partition_for_region(region) if region is not None else None
    except UnknownRegionError:  # the client says so, in its own words
        return None


def role_session(sts: STSClient, role_arn: str, external_id: str | None, base: Session) -> Session:
    """Its credentials are asked for at the first call, and again before they expire (after an hour).

    It shares the loader of ``base``: the models of the services are in memory once, not for each role.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """
    session = get_session()
    provider = _RoleProvider(sts, role_arn, external_id)
    session.register_component("credential_provider", CredentialResolver([provider]))
    session.register_component("data_loader", base.get_component("data_loader"))
    session.register("creating-client-class", _keep_used)
    return session


USED: Final = frozenset(
    {
        *("describe_project_versions", "describe_projects", "start_project_version", "stop_project_version"),
        *("get_event_source_mapping", "list_event_source_mappings", "update_event_source_mapping"),
        *("get_function_configuration", "get_function_concurrency"),
        *("get_queue_attributes", "get_queue_url", "get_metric_data"),
        *("list_rules", "list_targets_by_rule", "list_schedules", "get_schedule"),
        *("list_service_quotas", "get_caller_identity"),
        *("simulate_principal_policy", "assume_role"),
    }
)
"""The methods of clients in another account; a client has a hundred, each with a docstring of its own."""


def _keep_used(**event: Any) -> None:  # noqa: ANN401 - as botocore has it
    """Handles botocore's event before the class of a client is made."""
    methods: dict[str, object] = event["class_attributes"]
    for name in [each for each in methods if not each.startswith("_") and each not in USED]:
        del methods[name]


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
