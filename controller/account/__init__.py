"""What is wrong in a live account: facts are read (``look``), then judged (``checks``), purely.

``diagnose(config, clients, clock, …)``  reads everything and judges it
"""

from controller.account.diagnosis import Diagnosis, diagnose
from controller.account.findings import Finding, Severity

__all__ = ["Diagnosis", "Finding", "Severity", "diagnose"]
