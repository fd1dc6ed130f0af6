"""The errors of this package, as one tree.

``ConfigError``            the file is wrong: every diagnostic at once, with its place
``RequestError``           a request cannot be carried out as it was made: which option, and why
``ConflictError``          a text was not replaced, because somebody else has changed it
``AwsError``               a call to AWS failed: which call, on what, with which code
├── ``TransientError``     it may succeed later; the next tick looks again
└── ``TerminalError``      it will not succeed until a person changes something

An ``AwsError`` is caught by these functions, and by the boundaries that catch every ``Exception`` (around
each pipeline, and in the Lambda handler and the command line):

- translated into a value of the answer, in ``aws``: ``mapping.Mappings.get``,
  ``rekognition.Models.versions``, ``s3.Objects._get``, ``s3.Objects.put``, ``stacks.Stacks._pairs``
- kept as what could not be read or written, in ``storage``: ``last_good.LastGoodConfig._reloaded``,
  ``last_good._TrackedFile.refresh``, ``memories.S3Memories.load``, ``memories.S3Memories.save``
- turned into an observation or an outcome, in ``loop``: ``act.execute``, ``observe._mapping``,
  ``observe._project_versions``, ``observe.with_facts``
- reported as not published, in ``invocation``: ``publisher.TransitionPublisher.publish``
- reported as unknown, in ``account``: ``crons._environment``, ``crons.crons_of``, ``inventory._asked``,
  ``inventory._retention``, ``reader.readable``, ``resources._read``; in ``editing``: ``push._mapping_state``,
  ``push._state``; in ``cli``: ``commands.stack_parameters._as_deployed``,
  ``commands.versions._function_models``, ``render.deployment.deployment``, ``watch.WatchLoop._refresh``
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One thing wrong (or doubtful) in a file.

    ``line`` and ``column`` count from 1, ``None`` where no place exists. ``path`` is the dotted path of the
    value, such as ``schedules.office.hours.fri``; empty for the whole file. ``count`` is how many it stands
    for.
    """

    message: str
    path: str = ""
    line: int | None = None
    column: int | None = None
    count: int = 1

    def located(self, file: str) -> str:
        """``config/schedule.yaml:14:11: schedules.office.hours.fri: "25:00" is not …``."""
        place = ":".join(str(part) for part in (file, self.line, self.column) if part is not None)
        return ": ".join(part for part in (place, self.path, self.message) if part)


class ConfigError(Exception):
    """The configuration cannot be used; ``diagnostics`` holds every reason, in the order of the file.

    ``remedy`` is what to do next where that is not to edit the file and to validate it.
    """

    def __init__(self, file: str, diagnostics: tuple[Diagnostic, ...], *, remedy: str | None = None) -> None:
        super().__init__("\n".join(diagnostic.located(file) for diagnostic in diagnostics))
        self.file = file
        self.diagnostics = diagnostics
        self.remedy = remedy


class RequestError(Exception):
    """A request to the library cannot be carried out as it was made; nothing was changed.

    ``option`` is the part of the request that is wrong, as the command line calls it (``--until``); ``None``:
    no single one.
    """

    def __init__(self, message: str, *, option: str | None = None) -> None:
        super().__init__(message)
        self.option = option


class ConflictError(Exception):
    """The text at ``location`` was not replaced: it is not the one that was read any more."""

    def __init__(self, location: str) -> None:
        super().__init__(
            f"{location} has changed since it was read, so nothing was written; "
            "read it again and repeat the edit"
        )
        self.location = location


class AwsError(Exception):
    """A call to AWS failed.

    ``call`` is ``rekognition:StartProjectVersion``, ``resource`` what it was called on, ``code`` AWS's error
    code (or the exception's name where no answer came), and ``message`` AWS's own words.
    """

    def __init__(self, *, call: str, resource: str, code: str, message: str) -> None:
        super().__init__(f"{call} on {resource}: {code}: {message}")
        self.call = call
        self.resource = resource
        self.code = code
        self.message = message


class TransientError(AwsError):
    """It may succeed later: throttling, a server's error, no answer, a resource in transition."""


class TerminalError(AwsError):
    """It will not succeed until a person changes something: permission, resource, a bad parameter."""
