"""Makes boto3 clients, from boto3's standard configuration with our own timeouts and retries."""

from __future__ import annotations

from dataclasses import replace
from threading import RLock
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from controller.aws.retries import DEFAULT_RETRIES, RetryConfig

if TYPE_CHECKING:
    from botocore.session import Session

    from controller.aws.call_rate import CallRates
    from controller.config.model import Target


class ClientFactory(Protocol):
    def __call__(self, service: str, target: Target, /) -> Any:  # noqa: ANN401 - its type follows from the name
        """A boto3 client of ``service`` (``rekognition``, ``lambda``, ``sqs``) that points at ``target``."""


def no_clients(service: str, _target: object, /) -> NoReturn:
    """The client factory of offline commands: raises if a client is asked for."""
    raise RuntimeError(f"an offline command asked for a client of {service}")


class BotoClients:
    """One client per service and target, made when it is first asked for; safe to share between threads.

    ``AWS_ENDPOINT_URL``, proxies and certificates are boto3's business, and so are the ``profile`` and the
    ``region`` where a target has none, unless they are given.
    With ``rates`` calls keep below AWS's quotas. None is sent after its ``CallWindow`` is closed.
    Raises ``AwsError`` (``rekognition:CreateClient``) where that configuration cannot be used.
    """

    def __init__(
        self,
        patience: RetryConfig = DEFAULT_RETRIES,
        rates: CallRates | None = None,
        *,
        profile: str | None = None,
        region: str | None = None,
    ) -> None:
        self._patience = patience
        self._profile = profile
        self._region = region
        self._rates = rates
        # boto3's clients may be shared between threads, its sessions may not. Re-entrant, since a client that
        # assumes a role needs one of STS first.
        # Source: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/session.html
        self._lock = RLock()
        self._sessions: dict[Target | None, Session] = {}
        self._clients: dict[tuple[str, Target], Any] = {}

    def __call__(self, service: str, target: Target, /) -> Any:  # noqa: ANN401 - as ClientFactory
        key = (service, target)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._create(service, target)
            return self._clients[key]

    def _create(self, service: str, target: Target) -> Any:  # noqa: ANN401 - as ClientFactory
        # boto3 is most of a command's start-up time, and many commands never call AWS.
        from controller.aws.calls import send_within_window  # noqa: PLC0415
        from controller.aws.sessions import configuring, create_client  # noqa: PLC0415

        with configuring(service, target.region):
            client = create_client(self._session(target), service, target.region or None, self._patience)
        if self._rates is not None:
            self._rates.limit(client, _account(target))
        send_within_window(client)
        return client

    def _session(self, target: Target) -> Session:
        """One for each role, whose credentials its clients share, and one for all clients without a role."""
        key = target if target.role_arn else None
        if key not in self._sessions:
            self._sessions[key] = self._open(target)
        return self._sessions[key]

    def _open(self, target: Target) -> Session:
        from controller.aws.sessions import base_session, role_session  # noqa: PLC0415 - as _create

        if target.role_arn is None:
            return base_session(self._profile, self._region)
        own = replace(target, role_arn=None, external_id=None)
        return role_session(self("sts", own), target.role_arn, target.external_id, self._session(own))


def _account(target: Target) -> str:
    """The number of the role's account; empty for our own, which is not known without a call."""
    return target.role_arn.split(":")[4] if target.role_arn else ""
