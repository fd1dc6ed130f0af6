"""Service Quotas: what Rekognition allows an account in a region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.aws.calls import Call

if TYPE_CHECKING:
    from mypy_boto3_service_quotas import ServiceQuotasClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """Models that may run at once, and inference units that a model may have; ``None``: not listed.

    The documented defaults are 2 and 5.

    Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/limits.html
    """

    running_models: int | None = None
    units_per_model: int | None = None


class ServiceQuotas:
    def __init__(self, client: ServiceQuotasClient) -> None:
        self._client = client

    def rekognition(self) -> Quotas:
        """As they apply to the account. Raises ``TransientError`` or ``TerminalError``.

        Their codes are not published, so they are known by words of their names; of several that fit, the
        smallest holds.

        Source: https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html
        """
        call = Call(name="servicequotas:ListServiceQuotas", resource="rekognition")
        paginator = self._client.get_paginator("list_service_quotas")
        with call.sending():
            pages = list(paginator.paginate(ServiceCode="rekognition"))
        with call.reading():
            named = [
                (quota["QuotaName"].casefold(), int(quota["Value"]))
                for page in pages
                for quota in page["Quotas"]
            ]
        return Quotas(
            running_models=min((value for name, value in named if _of_running(name)), default=None),
            units_per_model=min((value for name, value in named if "inference units" in name), default=None),
        )


def _of_running(name: str) -> bool:
    return "custom labels" in name and "running" in name and "model" in name
