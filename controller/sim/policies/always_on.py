"""The always-on policy: a model that is never stopped, and started again at an opening if it is down."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from controller.core.actions import Action, ActionKind
from controller.loop.act import execute
from controller.loop.context import PipelineContext
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.rekognition import STARTABLE

LOOK_INTERVAL_S = 60.0
"""Between two looks of a visit."""
VISIT_LENGTH = timedelta(hours=1)
"""How long a visit waits for the model to come up, and for the mapping to be Enabled."""


class AlwaysOn:
    """Starts the model and enables the mapping at each of ``visits`` (aware UTC), and nothing else."""

    def __init__(self, aws: EmbeddedAws, context: PipelineContext, visits: Iterable[datetime]) -> None:
        self._clock = aws.world.clock
        self._context = context
        self._pipeline = aws.pipelines[context.pipeline.name]
        for visit in visits:
            until_s = (visit + VISIT_LENGTH).timestamp()
            self._clock.at(visit.timestamp(), partial(self._look, until_s))

    def _look(self, until_s: float) -> None:
        """The last look of a visit is when model and mapping are on, or when the visit ends."""
        model, mapping = self._pipeline.model.status, self._pipeline.mapping.state
        if (model, mapping) == ("RUNNING", "Enabled") or self._clock.now_s >= until_s:
            return
        if model in STARTABLE:
            execute(self._context, Action.own(ActionKind.START_MODEL))
        elif model == "RUNNING" and mapping == "Disabled":
            execute(self._context, Action.own(ActionKind.ENABLE_MAPPING))
        self._clock.at(self._clock.now_s + LOOK_INTERVAL_S, partial(self._look, until_s))
