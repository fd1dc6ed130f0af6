"""The configuration as a process keeps it from tick to tick: read again only where it has changed.

A look asks once for each file whether it has changed. What has changed and cannot be used is passed over for
the newest version that can; it is told of at every look while it stands, and not looked into again.
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

Judge: TypeAlias = Callable[[bytes], tuple[Diagnostic, ...]]
"""Says why contents cannot be used; nothing if they can."""

_GONE = (Diagnostic(message="there is no such file any more"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedConfig:
    """The configuration in use, and the ``version`` of its file, where versions have names.

    ``rejected`` says why this is not the newest there is, or why nobody knows; it stands first among the
    configuration's doubts, too.
    """

    config: Config
    version: str | None = None
    rejected: tuple[Diagnostic, ...] = ()


class LastGoodConfig:
    """The configuration at a path, a ``file://`` or an ``s3://`` URL, with the ``.ics`` files beside it.

    Only objects of a versioned bucket have versions to go back to; elsewhere what was read last is used.
    """

    def __init__(self, location: str, clients: ClientFactory | None = None) -> None:
        self._location = location
        self._clients = clients or BotoClients()
        self._file = _TrackedFile(source_of(location, self._clients), self._diagnostics)
        self._calendars: dict[str, _TrackedFile] = {}
        self._current: LoadedConfig | None = None

    def current(self) -> LoadedConfig:
        """What is to be used now: the same object as long as nothing has changed.

        Raises:
            ConfigError: there is no version that can be used.
            AwsError: S3 gives none, and none was read before.
            OSError: the same, of a file.
        """
        changed = [holder.look() for holder in (self._file, *self._calendars.values())]
        if self._current is None or any(changed):
            self._current = self._remade(self._current)
        return self._current

    def _remade(self, before: LoadedConfig | None) -> LoadedConfig:
        """From what is there now; ``before`` with a diagnostic where that fails in an unforeseen way."""
        try:
            return self._made()
        except (ConfigError, AwsError, OSError):
            raise
        except Exception as error:
            if before is None:
                raise
            rejected = _unforeseen(error)
            config = replace(before.config, degraded=(*rejected, *before.config.degraded))
            return replace(before, config=config, rejected=rejected)

    def _made(self) -> LoadedConfig:
        good = self._file.good
        if good is None:
            raise self._nothing()
        asked: dict[str, _TrackedFile] = {}
        config = parse(
            good.data, file=self._location, calendar_files=lambda name: self._calendar(name, asked)
        )
        self._calendars = asked
        rejected = (*self._file.problems(), *(each for name in asked for each in asked[name].problems(name)))
        return LoadedConfig(
            config=replace(config, degraded=(*rejected, *config.degraded)),
            version=good.version,
            rejected=rejected,
        )

    def _nothing(self) -> Exception:
        """Why there is no configuration at all."""
        diagnostics, trouble = self._file.diagnostics, self._file.trouble
        if trouble is not None and not diagnostics:
            return trouble
        if diagnostics == _GONE and is_s3(self._location):
            diagnostics = (Diagnostic(message=_push(self._location)),)
        more = (
            () if trouble is None else (Diagnostic(message=f"nor is an earlier version: {_said(trouble)}"),)
        )
        return ConfigError(self._location, (*diagnostics, *more))

    def _diagnostics(self, data: bytes) -> tuple[Diagnostic, ...]:
        nothing: dict[str, bytes] = {}
        try:
            parse(data, file=self._location, calendar_files=nothing.__getitem__)
        except ConfigError as error:
            return error.diagnostics
        return ()

    def _calendar(self, name: str, asked: dict[str, _TrackedFile]) -> bytes:
        """Its contents, once looked at in this look; of one that was not asked for before, now."""
        if name not in asked:
            known = self._calendars.get(name)
            asked[name] = known or _TrackedFile(
                calendar_source(self._location, name, self._clients), _problems
            )
            if known is None:
                asked[name].look()
        return asked[name].contents()


def _push(location: str) -> str:
    return f"nothing is here yet: rekognition-scheduler push schedule.yaml {location}"


def _unforeseen(error: Exception) -> tuple[Diagnostic, ...]:
    """Contents that break the reader do not validate, whatever the exception is."""
    detail = " ".join(str(error).split())[:200]
    return (Diagnostic(message=f"it cannot be validated: {type(error).__name__}: {detail}", line=1),)


def _problems(data: bytes) -> tuple[Diagnostic, ...]:
    return tuple(Diagnostic(message=problem) for problem in read_ics(data).errors)


def _said(error: AwsError | OSError) -> str:
    return format_error(error) if isinstance(error, AwsError) else error.strerror or str(error)


class _TrackedFile:
    """One text, and its last good contents.

    ``rejected`` is what was passed over (``None`` too if the text is gone), ``diagnostics`` are the reasons,
    and ``trouble`` is why the last look did not come to its end.
    """

    def __init__(self, source: Source, judge: Judge) -> None:
        self._source = source
        self._judge = judge
        self._known_bad: set[str] = set()
        self._seen: str | NoContent | None = None
        self.good: StoredText | None = None
        self.rejected: StoredText | None = None
        self.diagnostics: tuple[Diagnostic, ...] = ()
        self.trouble: AwsError | OSError | None = None

    def look(self) -> bool:
        """Whether anything is different from the last look."""
        before = (self._seen, str(self.trouble))
        trouble: AwsError | OSError | None = None
        try:
            self._look()
        except (AwsError, OSError) as error:
            trouble = error
        self.trouble = trouble
        return (self._seen, str(trouble)) != before

    def contents(self) -> bytes:
        """The last good ones; where there are none, those that were rejected.

        Raises:
            OSError: there are none of either kind.
        """
        found = self.good or self.rejected
        if found is not None:
            return found.data
        if self.trouble is not None:
            raise OSError(errno.EIO, _said(self.trouble))
        raise FileNotFoundError(errno.ENOENT, "there is no such file")

    def problems(self, name: str = "") -> Iterator[Diagnostic]:
        """What is amiss, while good contents are in use all the same; ``name`` begins each message."""
        if self.good is None:
            return
        which = f"{name}: " if name else ""
        for diagnostic in self.diagnostics:
            yield replace(diagnostic, message=f"{which}{diagnostic.message} ({self._instead(self.good)})")
        if self.trouble is not None:
            message = f"{which}cannot be read now, so what was read last is in use: {_said(self.trouble)}"
            yield Diagnostic(message=message)

    def _instead(self, good: StoredText) -> str:
        over = f"version {self.rejected.version} is" if self.rejected and self.rejected.version else "this is"
        used = f"version {good.version}" if good.version else "what was read before"
        return f"{over} passed over for {used}"

    def _look(self) -> None:
        found = self._source.get(if_none_match=self._seen if isinstance(self._seen, str) else None)
        match found:
            case NoContent.NOT_MODIFIED:
                return
            case NoContent.MISSING:
                if self._seen is not NoContent.MISSING:
                    self._pass_over(None, _GONE)
                self._seen = NoContent.MISSING
            case StoredText():
                diagnostics = self._judged(found)
                if diagnostics:
                    self._pass_over(found, diagnostics)
                else:
                    self.good, self.rejected, self.diagnostics = found, None, ()
                self._seen = found.etag

    def _pass_over(self, rejected: StoredText | None, diagnostics: tuple[Diagnostic, ...]) -> None:
        """The diagnostics stand even if the versions cannot be had; then they are looked for again."""
        self.rejected, self.diagnostics = rejected, diagnostics
        former = self._source.previous_versions(exclude_etags=self._known_bad)
        self.good = next((text for text in former if not self._judged(text)), self.good)

    def _judged(self, text: StoredText) -> tuple[Diagnostic, ...]:
        """Why the text cannot be used; one that cannot is remembered, and not read again."""
        try:
            diagnostics = self._judge(text.data)
        except Exception as error:  # noqa: BLE001 - the boundary: whatever a text raises, it is not valid
            diagnostics = _unforeseen(error)
        if diagnostics:
            self._known_bad.add(text.etag)
        return diagnostics
