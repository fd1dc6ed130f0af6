"""A template of ours, read, and its intrinsic functions worked out for given parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from cfnlint.decode import decode

DEPLOY = Path(__file__).parents[2] / "deploy"
ACCOUNT = "123456789012"
REGION = "us-east-1"
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": "rekognition-scheduler",
}
NO_VALUE = object()


def template(name: str = "template.yaml") -> dict:
    read, diagnostics = decode(str(DEPLOY / name))
    assert not diagnostics
    return read


@dataclass(frozen=True, kw_only=True)
class Stack:
    """``given`` are parameters as a person types them; the others have their defaults.

    A resource's ``Ref`` is its logical name, and ``GetAtt`` of it ``Name.Attribute``.
    """

    template: dict = field(default_factory=template)
    given: dict[str, str] = field(default_factory=dict)

    @cached_property
    def resources(self) -> dict[str, dict]:
        """Those that are made, worked out."""
        made = self.template["Resources"].items()
        return {
            name: self.worked_out(resource)
            for name, resource in made
            if "Condition" not in resource or self.holds(resource["Condition"])
        }

    def properties(self, name: str) -> dict:
        return self.resources[name]["Properties"]

    def holds(self, condition: str) -> bool:
        return self.worked_out(self.template["Conditions"][condition])

    def parameter(self, name: str) -> str | list[str]:
        declared = self.template["Parameters"][name]
        value = self.given.get(name, str(declared.get("Default", "")))
        return value.split(",") if declared["Type"] == "CommaDelimitedList" else value

    def worked_out(self, value: Any) -> Any:
        match value:
            case dict() if len(value) == 1 and (
                next(iter(value)) in ("Ref", "Condition") or self._is_fn(value)
            ):
                ((name, argument),) = value.items()
                return self._called(name.removeprefix("Fn::"), argument)
            case dict():
                every = {key: self.worked_out(each) for key, each in value.items()}
                return {key: each for key, each in every.items() if each is not NO_VALUE}
            case list():
                return [each for each in map(self.worked_out, value) if each is not NO_VALUE]
        return value

    @staticmethod
    def _is_fn(value: dict) -> bool:
        return next(iter(value)).startswith("Fn::")

    def _called(self, name: str, argument: Any) -> Any:
        if name == "If":
            condition, then, otherwise = argument
            return self.worked_out(then if self.holds(condition) else otherwise)
        if name == "Sub":
            return self._substituted(argument)
        if name in ("Ref", "Condition"):
            return self._referred(argument) if name == "Ref" else self.holds(argument)
        return getattr(self, f"_{name.lower()}")(*self.worked_out(argument))

    def _referred(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.template["Parameters"]:
            return self.parameter(name)
        return PSEUDO.get(name, name)

    def _substituted(self, argument: str | list) -> str:
        text, own = argument if isinstance(argument, list) else (argument, {})
        known = {name: self.worked_out(value) for name, value in own.items()}
        filled = re.sub(
            r"\$\{([^!}]+)\}", lambda found: str(known.get(found[1], self._referred(found[1]))), text
        )
        return filled.replace("${!", "${")

    def _findinmap(self, name: str, first: str, second: str) -> Any:
        return self.template["Mappings"][name][first][second]

    @staticmethod
    def _getatt(*path: str) -> str:
        return ".".join(path)

    @staticmethod
    def _join(delimiter: str, parts: list[str]) -> str:
        return delimiter.join(parts)

    @staticmethod
    def _split(delimiter: str, text: str) -> list[str]:
        return text.split(delimiter)

    @staticmethod
    def _select(index: int | str, values: list[str]) -> str:
        return values[int(index)]

    @staticmethod
    def _equals(one: str, other: str) -> bool:
        return one == other

    @staticmethod
    def _not(condition: bool) -> bool:
        return not condition

    @staticmethod
    def _or(*conditions: bool) -> bool:
        return any(conditions)
