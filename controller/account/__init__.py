"""Reads a live account (``reader``) and checks what was read, purely (``*_checks``): the command ``doctor``.

``diagnose(config, clients, clock, …)``  reads everything and runs the checks
"""

from controller.account.diagnosis import Diagnosis, diagnose
from controller.account.findings import Finding, Severity

__all__ = ["Diagnosis", "Finding", "Severity", "diagnose"]
