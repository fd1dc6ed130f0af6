"""Rekognition's quotas of an account and region, from Service Quotas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from controller.aws.calls import Call, bounded

if TYPE_CHECKING:
    from mypy_boto3_service_quotas import ServiceQuotasClient

RUNNING_MODELS: Final = "L-5E225387"
"""Custom Labels models that may run at once in an account and region."""
UNITS_PER_MODEL: Final = "L-4FA65ECB"
"""Inference units of a running Custom Labels model.

Source: https://docs.aws.amazon.com/general/latest/gr/rekognition.html
"""

MOST: Final = 10**6
"""Models or units: beyond it an answer is not believed."""


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
        """As they apply to the account, by their codes. Raises ``TransientError`` or ``TerminalError``.

        Their names are alike: words that are meant for one fit the other.

        Source: https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html
        """
        call = Call(name="servicequotas:ListServiceQuotas", resource="rekognition")
        paginator = self._client.get_paginator("list_service_quotas")
        pages = call.pages(paginator.paginate(ServiceCode="rekognition"))
        with call.reading():
            values = {
                quota["QuotaCode"]: int(bounded(quota["Value"], MOST, quota["QuotaCode"]))
                for page in pages
                for quota in page["Quotas"]
                if quota["QuotaCode"] in {RUNNING_MODELS, UNITS_PER_MODEL}
            }
        return Quotas(running_models=values.get(RUNNING_MODELS), units_per_model=values.get(UNITS_PER_MODEL))
