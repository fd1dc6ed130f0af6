"""Who is to blame for a receive that failed: the controller, or what it could not help."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from controller.sim.aws.transport import SentCall

RECEIVING = frozenset({"Enabled", "Enabling"})
ABSENT = "absent"
OFF = frozenset({"Disabled", ABSENT})


class Attribution:
    """Receives fail because the model is not RUNNING while there are some, and two things bring that about.

    The model leaves RUNNING, or the mapping begins to receive while the model is not. The controller is to
    blame if its call did it, unless it was answered at that instant that it was harmless (a stale read);
    and, from then on, if it was answered of what others did and did not even try to disable the mapping.
    People's hands and models that die are nobody's fault, and so is what happens until it can know.

    ``arn`` is the model's, ``now`` the clock; ``held`` says whether the controller must keep its hands off.
    """

    def __init__(self, arn: str, now: Callable[[], datetime], held: Callable[[datetime], bool]) -> None:
        self._arn = arn
        self._now = now
        self._held = held
        self._running = self._polls = self._own_doing = False
        self._last: dict[str, SentCall] = {}
        self._known_at: datetime | None = None
        self._tried_at: datetime | None = None

    def note(self, *, running: bool, polls: bool, cause: str, off: bool = False) -> None:
        """What model and mapping do now; ``cause`` is empty where a call to AWS was the cause.

        ``off`` says that the mapping is Disabled: that it may poll on for a while is known to everybody.
        """
        if self._running and not running:
            misled = polls and not off and self._told_mapping(self._now()) in OFF
            self._begin(own_doing=not cause and not misled)
        elif polls and not self._polls and not running:
            misled = self._told_model(self._now()) == "RUNNING"
            self._begin(own_doing=not cause and not misled)
        self._running, self._polls = running, polls

    def hear(self, call: SentCall) -> None:
        """A call on the pipeline's project or mapping came back."""
        self._last[call.request.operation] = call
        if call.request.parameters.get("Enabled") is False:
            self._tried_at = call.at
        if self._polls and not self._running:
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
        model, mapping = self._told_model(at), self._told_mapping(at)
        if model not in {None, "RUNNING"} and mapping in RECEIVING and not self._held(at):
            self._known_at = at

    def _told_model(self, at: datetime) -> str | None:
        """The model's status, if the controller was answered at that instant."""
        call = self._last.get("DescribeProjectVersions")
        if call is None or call.at != at or call.answer is None:
            return None
        versions = call.answer["ProjectVersionDescriptions"]
        assert isinstance(versions, list)  # noqa: S101 - narrows the type of an answer that the contract tests check
        return next((each["Status"] for each in versions if each["ProjectVersionArn"] == self._arn), None)

    def _told_mapping(self, at: datetime) -> str | None:
        """The mapping's state, if the controller was answered at that instant."""
        call = self._last.get("GetEventSourceMapping")
        if call is None or call.at != at:
            return None
        if call.code == "ResourceNotFoundException":
            return ABSENT
        return None if call.answer is None else str(call.answer["State"])
