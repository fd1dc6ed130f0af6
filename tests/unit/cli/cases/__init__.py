"""Commands in named situations; what each prints stands in tests/golden/screens/, a file for each group."""

from __future__ import annotations

from tests.unit.cli.cases.account import PLAN, STATUS
from tests.unit.cli.cases.delivery import DIFF, PUSH
from tests.unit.cli.cases.edits import HOLD, OVERRIDE
from tests.unit.cli.cases.offline import CALENDAR, EXPLAIN, VALIDATE
from tests.unit.cli.cases.simulated import SIMULATE

SCREENS = {
    "explain": EXPLAIN,
    "validate": VALIDATE,
    "calendar": CALENDAR,
    "plan": PLAN,
    "status": STATUS,
    "hold": HOLD,
    "override": OVERRIDE,
    "diff": DIFF,
    "push": PUSH,
    "simulate": SIMULATE,
}
