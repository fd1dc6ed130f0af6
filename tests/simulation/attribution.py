"""Attributes each failed receive of a simulated pipeline: to the controller, or to what it could not help."""

from __future__ import annotations

from datetime import datetime

from controller.config.model import Pipeline
from controller.core.states import Desired
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.clock import instant
from controller.sim.aws.sqs import Message
from controller.sim.aws.transport import SentCall
from controller.sim.aws.world import StateChange

RECEIVING = frozenset({"Enabled", "Enabling"})
ABSENT = "absent"
OFF = frozenset({"Disabled", ABSENT})


class Attribution:
    """Counts failed receives and dead-lettered messages that the controller caused; attach it at the start.

    Receives fail because the model is not RUNNING while there are some, and two things bring that about: the
    model leaves RUNNING, or the mapping begins to receive while the model is not. The controller is the cause
    if its call did it, unless it was answered at that instant that it was harmless (a stale read); and, from
    then on, if it was answered of what others did and did not even try to disable the mapping. Changes by
    hand and models that fail are not its doing, and neither is what happens until it can know.

    A dead-lettered message counts if any of its receives does.
    """

    def __init__(self, aws: EmbeddedAws, pipeline: Pipeline) -> None:
        self.failed_receives = self.dead_lettered = 0
        self._now = aws.now
        self._hold = pipeline.settings.hold
        self._arn = pipeline.model.arn
        self._embedded = embedded = aws.pipelines[pipeline.name]
        self._running = self._polls = self._own_doing = False
        self._failed: set[Message] = set()
        self._last: dict[str, SentCall] = {}
        self._known_at: datetime | None = None
        self._tried_at: datetime | None = None
        aws.listen(self._on_call)
        embedded.on_change.append(self._on_change)
        embedded.mapping.on_quiet = lambda: self._note("pollers ended")
        embedded.consumer.on_model_down = self._on_model_down
        embedded.queue.on_dead_letter = self._on_dead_letter

    def _on_change(self, change: StateChange) -> None:
        self._note(change.cause, off=self._embedded.mapping.state == "Disabled")

    def _note(self, cause: str, *, off: bool = False) -> None:
        """``cause`` is empty where a call was the cause; a Disabled mapping may poll on for a while."""
        running, polls = self._embedded.model.status == "RUNNING", self._embedded.mapping.polls
        if self._running and not running:
            misled = polls and not off and self._mapping_answer(self._now()) in OFF
            self._begin(own_doing=not cause and not misled)
        elif polls and not self._polls and not running:
            misled = self._model_answer(self._now()) == "RUNNING"
            self._begin(own_doing=not cause and not misled)
        self._running, self._polls = running, polls

    def _on_call(self, call: SentCall) -> None:
        if call.request.resource not in {self._embedded.project.arn, self._embedded.mapping.uuid}:
            return
        self._last[call.request.operation] = call
        if call.request.parameters.get("Enabled") is False:
            self._tried_at = call.at
        if self._polls and not self._running:
            self._note_knowledge(call.at)

    def _on_model_down(self, message: Message) -> None:
        if self._is_own_doing(instant(message.received_at_s)):
            self.failed_receives += 1
            self._failed.add(message)

    def _on_dead_letter(self, message: Message) -> None:
        self.dead_lettered += message in self._failed

    def _is_own_doing(self, received_at: datetime) -> bool:
        known_at = self._known_at
        neglected = known_at is not None and known_at < received_at and self._tried_at != known_at
        return self._own_doing or neglected

    def _begin(self, *, own_doing: bool) -> None:
        self._own_doing = own_doing
        self._known_at = None

    def _note_knowledge(self, at: datetime) -> None:
        model, mapping = self._model_answer(at), self._mapping_answer(at)
        if model not in {None, "RUNNING"} and mapping in RECEIVING and not self._is_held(at):
            self._known_at = at

    def _is_held(self, at: datetime) -> bool:
        return self._hold is not None and self._hold.desired is Desired.AS_IS and at < self._hold.until

    def _model_answer(self, at: datetime) -> str | None:
        """The model's status, if the controller was answered at that instant."""
        call = self._last.get("DescribeProjectVersions")
        if call is None or call.at != at or call.answer is None:
            return None
        versions = call.answer["ProjectVersionDescriptions"]
        assert isinstance(versions, list)
        return next((each["Status"] for each in versions if each["ProjectVersionArn"] == self._arn), None)

    def _mapping_answer(self, at: datetime) -> str | None:
        """The mapping's state, if the controller was answered at that instant."""
        call = self._last.get("GetEventSourceMapping")
        if call is None or call.at != at:
            return None
        if call.code == "ResourceNotFoundException":
            return ABSENT
        return None if call.answer is None else str(call.answer["State"])
