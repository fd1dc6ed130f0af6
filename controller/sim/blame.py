"""Who is to blame for a receive that failed: the controller, or what it could not help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from controller.sim.wire import Call

RECEIVING = frozenset({"Enabled", "Enabling"})
OFF = frozenset({"Disabled", "absent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the controller was answered of a resource, and when."""

    at: datetime
    state: str


class Blame:
    """Receives fail because the model is not RUNNING while there are some, and two things bring that about.

    The model leaves RUNNING, or the mapping begins to receive while the model is not. The controller is to
    blame if its call did it, unless it was answered at that instant that it was harmless (a stale read);
    and, from then on, if it was answered of what others did and did not even try to disable the mapping.
    People's hands and models that die are nobody's fault, and so is what happens until it can know.

    ``now`` is the clock; ``held`` says whether the controller has to keep its hands off.
    """

    def __init__(self, now: Callable[[], datetime], held: Callable[[datetime], bool]) -> None:
        self._now = now
        self._held = held
        self._running = self._polls = self._own_doing = False
        self._model: _Told | None = None
        self._mapping: _Told | None = None
        self._known_at: datetime | None = None
        self._tried_at: datetime | None = None

    def note(self, *, running: bool, polls: bool, cause: str) -> None:
        """What model and mapping do now; ``cause`` is empty where a call to AWS was the cause."""
        if self._running and not running:
            misled = polls and self._just_told(self._mapping, OFF)
            self._begin(own_doing=not cause and not misled)
        elif polls and not self._polls and not running:
            self._begin(own_doing=not cause and not self._just_told(self._model, {"RUNNING"}))
        self._running, self._polls = running, polls

    def hear(self, arn: str, call: Call) -> None:
        """A call on the pipeline came back; ``arn`` is its model's."""
        match call.request.operation:
            case "DescribeProjectVersions" if not self._running:
                self._model = _status(arn, call) or self._model
            case "GetEventSourceMapping":
                self._mapping = _state(call) or self._mapping
            case "UpdateEventSourceMapping" if call.request.parameters.get("Enabled") is False:
                self._tried_at = call.at
        self._learn(call.at)

    def of_controller(self, received_at: datetime) -> bool:
        """Whether a receive of that instant, which has just failed, is the controller's doing."""
        known_at = self._known_at
        neglected = known_at is not None and known_at < received_at and self._tried_at != known_at
        return self._own_doing or neglected

    def _begin(self, *, own_doing: bool) -> None:
        self._own_doing = own_doing
        self._known_at = None

    def _learn(self, at: datetime) -> None:
        model, mapping = self._model, self._mapping
        if self._running or model is None or mapping is None or not model.at == mapping.at == at:
            return
        if model.state != "RUNNING" and mapping.state in RECEIVING and not self._held(at):
            self._known_at = at

    def _just_told(self, told: _Told | None, states: frozenset[str] | set[str]) -> bool:
        return told is not None and told.at == self._now() and told.state in states


def _status(arn: str, call: Call) -> _Told | None:
    versions = call.answer["ProjectVersionDescriptions"] if call.answer is not None else []
    assert isinstance(versions, list)  # noqa: S101 - narrows the type of an answer that the contract tests check
    found = (version["Status"] for version in versions if version["ProjectVersionArn"] == arn)
    status = next(found, None)
    return None if status is None else _Told(at=call.at, state=status)


def _state(call: Call) -> _Told | None:
    if call.code == "ResourceNotFoundException":
        return _Told(at=call.at, state="absent")
    return None if call.answer is None else _Told(at=call.at, state=str(call.answer["State"]))
