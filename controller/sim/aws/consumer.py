"""The inference function behind the mapping: receives messages, calls the model, deletes what succeeded."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from functools import partial

from controller.sim.aws.lambda_ import EventSourceMapping
from controller.sim.aws.rekognition import ProjectVersion
from controller.sim.aws.sqs import Message, Queue
from controller.sim.aws.world import SimulatedWorld

IMAGES_PER_S = 4.0
"""Per inference unit; AWS names no figure, users report three to five."""
LATENCY_S = 3.0
"""From receiving a message until the model is called: the invocation, and the image read from S3."""
MESSAGES_PER_UNIT = 20
"""Messages in work at once, per inference unit."""


class ConsumerFunction:
    """Receives while the mapping polls; what was received is worked on whatever the mapping does then.

    A message succeeds if the model is RUNNING when it is called, unless the faults make the message fail.
    Otherwise it returns to the queue after its visibility timeout, with its receive counted. ``delays_s``
    holds the seconds since its first enqueue for every processed message. ``on_model_down`` is called with
    each message that fails because the model is not RUNNING, before it returns.
    """

    def __init__(
        self,
        world: SimulatedWorld,
        queue: Queue,
        mapping: EventSourceMapping,
        model: ProjectVersion,
    ) -> None:
        self.failed_receives = 0
        self.delays_s = array("f")
        self.on_model_down: Callable[[Message], None] = _ignore
        self._clock, self._injector = world.clock, world.injector
        self._queue = queue
        self._mapping = mapping
        self._model = model
        self._busy = 0
        self._free_at_s = world.clock.now_s
        queue.on_visible = self.wake

    @property
    def busy(self) -> int:
        """The number of messages in work; those that wait for their visibility timeout are not among them."""
        return self._busy

    def wake(self) -> None:
        units = self._model.units or 1
        while self._busy < MESSAGES_PER_UNIT * units and self._polls():
            message = self._queue.receive()
            if message is None:
                return
            self._busy += 1
            self._free_at_s = max(self._clock.now_s, self._free_at_s) + 1 / (IMAGES_PER_S * units)
            self._clock.at(self._free_at_s + LATENCY_S, partial(self._finish, message))

    def _polls(self) -> bool:
        return self._mapping.polls and self._mapping.source_arn == self._queue.settings.arn

    def _finish(self, message: Message) -> None:
        self._busy -= 1
        if message.stubborn is None:
            message.stubborn = self._injector.stubborn_receives(self._queue.settings.arn)
        if self._model.status != "RUNNING":
            self._fail(message)
        elif message.receives <= message.stubborn:
            self.failed_receives += 1
            self._queue.return_after_timeout(message)
        else:
            self._queue.delete(message)
            self.delays_s.append(self._clock.now_s - message.first_at_s)
        self.wake()

    def _fail(self, message: Message) -> None:
        self.failed_receives += 1
        self.on_model_down(message)
        self._queue.return_after_timeout(message)


def _ignore(message: Message) -> None:
    """The default of ``on_model_down``."""
