"""Keeps the newest valid configuration from tick to tick; a file is read again only if it has changed.

If the newest version of a file is invalid, the newest valid one is used and the problem is reported on every
tick. An invalid version is validated once.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from controller.aws.clients import BotoClients
from controller.aws.remedies import format_error
from controller.aws.s3 import NoContent, StoredText
from controller.config.build import parse
from controller.errors import AwsError, ConfigError, Diagnostic
from controller.schedule.ics import read_ics
from controller.storage.sources import Source, calendar_source, is_s3, source_of

if TYPE_CHECKING:
    from controller.aws.clients import ClientFactory
    from controller.config.model import Config

Validate: TypeAlias = Callable[[bytes], tuple[Diagnostic, ...]]
"""Returns the reasons why contents are invalid; none if they are valid."""

_GONE = (Diagnostic(message="there is no such file any more"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedConfig:
    """The configuration in use, and the ``version`` of its file in a versioned bucket.

    ``rejected`` are the reasons why this is not the newest version, or may not be; ``config.degraded`` begins
    with them.
    """

    config: Config
    version: str | None = None
    rejected: tuple[Diagnostic, ...] = ()


class LastGoodConfig:
    """The newest valid configuration at a path, a ``file://`` or an ``s3://`` URL, and its ``.ics`` files.

    Only objects of a versioned bucket have versions to go back to; elsewhere what was read last is used.
    """

    def __init__(self, location: str, clients: ClientFactory | None = None) -> None:
        self._location = location
        self._clients = clients or BotoClients()
        self._file = _TrackedFile(source_of(location, self._clients), self._diagnostics)
        self._calendars: dict[str, _TrackedFile] = {}
        self._current: LoadedConfig | None = None

    def current(self) -> LoadedConfig:
        """The configuration to use now: the same object as long as nothing has changed.

        Raises:
            ConfigError: no version is valid.
            AwsError: S3 gives none, and none was read before.
            OSError: the same, of a file.
        """
        changed = [file.refresh() for file in (self._file, *self._calendars.values())]
        if self._current is None or any(changed):
            self._current = self._reloaded(self._current)
        return self._current

    def _reloaded(self, before: LoadedConfig | None) -> LoadedConfig:
        """The files' configuration now; ``before`` with a diagnostic if that fails in an unforeseen way."""
        try:
            return self._loaded()
        except (ConfigError, AwsError, OSError):
            raise
        except Exception as error:
            if before is None:
                raise
            rejected = _unforeseen(error)
            config = replace(before.config, degraded=(*rejected, *before.config.degraded))
            return replace(before, config=config, rejected=rejected)

    def _loaded(self) -> LoadedConfig:
        valid = self._file.valid
        if valid is None:
            raise self._no_config()
        calendars: dict[str, _TrackedFile] = {}
        config = parse(
            valid.data, file=self._location, calendar_files=lambda name: self._calendar(name, calendars)
        )
        self._calendars = calendars
        of_calendars = (each for name, file in calendars.items() for each in file.problems(name))
        rejected = (*self._file.problems(), *of_calendars)
        return LoadedConfig(
            config=replace(config, degraded=(*rejected, *config.degraded)),
            version=valid.version,
            rejected=rejected,
        )

    def _no_config(self) -> Exception:
        """The error that says why there is no configuration at all."""
        diagnostics, read_error = self._file.diagnostics, self._file.read_error
        if read_error is not None and not diagnostics:
            return read_error
        if diagnostics == _GONE and is_s3(self._location):
            diagnostics = (Diagnostic(message=_push(self._location)),)
        if read_error is not None:
            message = f"nor is an earlier version: {_reason(read_error)}"
            diagnostics = (*diagnostics, Diagnostic(message=message))
        return ConfigError(self._location, diagnostics)

    def _diagnostics(self, data: bytes) -> tuple[Diagnostic, ...]:
        nothing: dict[str, bytes] = {}
        try:
            parse(data, file=self._location, calendar_files=nothing.__getitem__)
        except ConfigError as error:
            return error.diagnostics
        return ()

    def _calendar(self, name: str, calendars: dict[str, _TrackedFile]) -> bytes:
        """The contents of a calendar file, which is added to ``calendars``; a new one is read now."""
        if name not in calendars:
            known = self._calendars.get(name)
            source = calendar_source(self._location, name, self._clients)
            calendars[name] = known or _TrackedFile(source, _calendar_problems)
            if known is None:
                calendars[name].refresh()
        return calendars[name].contents()


def _push(location: str) -> str:
    return f"nothing is here yet: rekognition-scheduler push schedule.yaml {location}"


def _unforeseen(error: Exception) -> tuple[Diagnostic, ...]:
    """Contents that break the reader do not validate, whatever the exception is."""
    detail = " ".join(str(error).split())[:200]
    return (Diagnostic(message=f"it cannot be validated: {type(error).__name__}: {detail}", line=1),)


def _calendar_problems(data: bytes) -> tuple[Diagnostic, ...]:
    return tuple(Diagnostic(message=problem) for problem in read_ics(data).errors)


def _reason(error: AwsError | OSError) -> str:
    return format_error(error) if isinstance(error, AwsError) else error.strerror or str(error)


class _TrackedFile:
    """One text, and the newest of its versions that is valid.

    ``rejected`` is a newer version that is invalid (``None`` too if the text is gone), ``diagnostics`` are
    the reasons, and ``read_error`` is why the last refresh did not come to its end.
    """

    def __init__(self, source: Source, validate: Validate) -> None:
        self._source = source
        self._validate = validate
        self._invalid_etags: set[str] = set()
        self._last_read: str | NoContent | None = None
        self.valid: StoredText | None = None
        self.rejected: StoredText | None = None
        self.diagnostics: tuple[Diagnostic, ...] = ()
        self.read_error: AwsError | OSError | None = None

    def refresh(self) -> bool:
        """Reads the text if it has changed; whether anything is different from the last refresh."""
        before = (self._last_read, str(self.read_error))
        read_error: AwsError | OSError | None = None
        try:
            self._read()
        except (AwsError, OSError) as error:
            read_error = error
        self.read_error = read_error
        return (self._last_read, str(read_error)) != before

    def contents(self) -> bytes:
        """The valid contents; where there are none, those that were rejected.

        Raises:
            OSError: there are none of either kind.
        """
        found = self.valid or self.rejected
        if found is not None:
            return found.data
        if self.read_error is not None:
            raise OSError(errno.EIO, _reason(self.read_error))
        raise FileNotFoundError(errno.ENOENT, "there is no such file")

    def problems(self, name: str = "") -> Iterator[Diagnostic]:
        """What is wrong while valid contents are in use; ``name`` begins each message."""
        if self.valid is None:
            return
        which = f"{name}: " if name else ""
        for diagnostic in self.diagnostics:
            yield replace(diagnostic, message=f"{which}{diagnostic.message} ({self._instead(self.valid)})")
        if self.read_error is not None:
            message = (
                f"{which}cannot be read now, so what was read last is in use: {_reason(self.read_error)}"
            )
            yield Diagnostic(message=message)

    def _instead(self, valid: StoredText) -> str:
        over = f"version {self.rejected.version} is" if self.rejected and self.rejected.version else "this is"
        used = f"version {valid.version}" if valid.version else "what was read before"
        return f"{over} passed over for {used}"

    def _read(self) -> None:
        etag = self._last_read if isinstance(self._last_read, str) else None
        found = self._source.get(if_none_match=etag)
        match found:
            case NoContent.NOT_MODIFIED:
                return
            case NoContent.MISSING:
                if self._last_read is not NoContent.MISSING:
                    self._reject(None, _GONE)
                self._last_read = NoContent.MISSING
            case StoredText():
                diagnostics = self._validated(found)
                if diagnostics:
                    self._reject(found, diagnostics)
                else:
                    self.valid, self.rejected, self.diagnostics = found, None, ()
                self._last_read = found.etag

    def _reject(self, rejected: StoredText | None, diagnostics: tuple[Diagnostic, ...]) -> None:
        """The diagnostics stand even if the versions cannot be read; the next refresh reads them again."""
        self.rejected, self.diagnostics = rejected, diagnostics
        versions = self._source.previous_versions(exclude_etags=self._invalid_etags)
        self.valid = next((version for version in versions if not self._validated(version)), self.valid)

    def _validated(self, text: StoredText) -> tuple[Diagnostic, ...]:
        """The reasons why the text is invalid; an invalid one is remembered, and not read again."""
        try:
            diagnostics = self._validate(text.data)
        except Exception as error:  # noqa: BLE001 - the boundary: whatever a text raises, it is not valid
            diagnostics = _unforeseen(error)
        if diagnostics:
            self._invalid_etags.add(text.etag)
        return diagnostics
