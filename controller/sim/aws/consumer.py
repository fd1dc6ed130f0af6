"""The inference function behind the mapping: it receives, asks the model, and deletes what was answered."""

from __future__ import annotations

from array import array
from functools import partial

from controller.sim.aws.attribution import Attribution
from controller.sim.aws.clock import instant
from controller.sim.aws.lambda_ import EventSourceMapping
from controller.sim.aws.rekognition import ProjectVersion
from controller.sim.aws.sqs import Message, Queue
from controller.sim.aws.world import SimulatedWorld

IMAGES_PER_S = 4.0
"""Per inference unit; AWS names no figure, users report three to five."""
LATENCY_S = 3.0
"""From receiving a message until the model is asked: the invocation, and the image read from S3."""
MESSAGES_PER_UNIT = 20
"""How many messages are worked on at once, per inference unit."""


class ConsumerFunction:
    """Receives only while the mapping polls; what it has received it finishes, mapping or no mapping.

    A message succeeds if the model is RUNNING when it is asked, unless the faults make it a stubborn one.
    Otherwise it is left to its visibility timeout, with its receive counted. ``delays_s`` holds the seconds
    since its first enqueue for every processed message.
    """

    def __init__(
        self,
        world: SimulatedWorld,
        queue: Queue,
        mapping: EventSourceMapping,
        model: ProjectVersion,
        blame: Attribution,
    ) -> None:
        self.failed_receives = self.failed_by_controller = 0
        self.delays_s = array("f")
        self._clock, self._trouble = world.clock, world.trouble
        self._queue = queue
        self._mapping = mapping
        self._model = model
        self._blame = blame
        self._busy = 0
        self._free_at_s = world.clock.now_s
        queue.on_visible = self.wake

    @property
    def busy(self) -> int:
        """How many messages it works on; those it has left to their visibility timeout are not among them."""
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
            message.stubborn = self._trouble.stubborn_receives(self._queue.settings.arn)
        if self._model.status != "RUNNING":
            self._fail(message)
        elif message.receives <= message.stubborn:
            self.failed_receives += 1
            self._queue.leave(message)
        else:
            self._queue.delete(message)
            self.delays_s.append(self._clock.now_s - message.first_at_s)
        self.wake()

    def _fail(self, message: Message) -> None:
        self.failed_receives += 1
        if self._blame.of_controller(instant(message.received_at_s)):
            self.failed_by_controller += 1
            message.wronged = True
        self._queue.leave(message)
