"""YAML → a validated, frozen configuration, or every complaint with its place.

``read(location)``   a path, a ``file://`` or an ``s3://`` URL → ``Config``; raises ``ConfigError``
``parse(text, …)``   the same from bytes; validity is a function of the text alone
``warnings(config, now, …)``  what is valid and still worth a look, such as messages that would be lost

They are loaded when they are first used: importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from controller.config.advice import warnings
    from controller.config.build import parse, read
    from controller.config.model import Config, Consumer, Model, Pipeline, Target

__all__ = ["Config", "Consumer", "Model", "Pipeline", "Target", "parse", "read", "warnings"]

_HOMES = {"parse": "build", "read": "build", "warnings": "advice"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'model')}"), name)
