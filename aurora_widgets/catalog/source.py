"""A YAML file as plain objects that know which line each came from.

Scalars are YAML 1.2's: only ``true`` and ``false`` are booleans (``NO`` is Norway), a date
is text, ``012`` is no octal. Anchors serve, but cannot make a small file a large one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yaml

from aurora_widgets.errors import CatalogInvalid, Fault
from aurora_widgets.query.faults import at, shown

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 10_000_000
MAX_VALUES: Final = 1_000_000
MAX_DEPTH: Final = 50

_NULL = re.compile(r"(?:~|null|Null|NULL|)\Z")
_WHOLE = re.compile(r"[-+]?[0-9]+\Z")
_FRACTION = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_LONGEST_NUMBER = 40


@dataclass(slots=True)
class Parsed:
    """The file's objects, where each stands, and what is wrong with how it is written."""

    value: Any = None
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, fault: Fault) -> None:
        """Note a fault, its sentence led by the line where it stands."""
        words = f"line {self._line(fault.path)}: {fault.message}"
        self.faults.append(Fault(fault.code, fault.path, words, fault.suggestion))

    def _line(self, path: str) -> int:
        while path not in self.lines and path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines.get(path, 1)

    def refuse(self, file: str) -> None:
        """Raise all the faults in the file's order, if there are any."""
        if self.faults:
            self.faults.sort(key=lambda fault: self._line(fault.path))
            first = self.faults[0]
            where = f" {first.path}:" if first.path else ""
            more = f" (and {len(self.faults) - 1} more)" if len(self.faults) > 1 else ""
            raise CatalogInvalid(self.faults, f"{file},{where} {first.message}{more}")


def parse(path: Path) -> Parsed:
    """Read the file.

    Raises
    ------
    CatalogInvalid
        It is no YAML at all: not there, not UTF-8, not well-formed.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise _no_yaml(path, "there is no such file") from error
    except OSError as error:
        raise _no_yaml(path, f"it cannot be read ({error.strerror})") from error
    if len(data) > MAX_BYTES:
        raise _no_yaml(path, f"it is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _no_yaml(path, f"line {line} is not UTF-8") from error
    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise _no_yaml(path, _said(error)) from error
    except RecursionError as error:
        raise _no_yaml(path, "it is nested too deeply") from error
    parsed = Parsed()
    if root is None:
        raise _no_yaml(path, "it is empty")
    try:
        parsed.value = _Builder(parsed).build(root, "", 0)
    except _TooLarge as error:
        raise _no_yaml(path, str(error)) from error
    return parsed


def _no_yaml(path: Path, why: str) -> CatalogInvalid:
    return CatalogInvalid([Fault("not-yaml", "", f"{path.name}: {why}.")])


def _said(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it is no YAML"
    return f"line {mark.line + 1}: {problem}" if mark is not None else str(problem)


class _TooLarge(Exception):
    pass


class _Builder:
    def __init__(self, parsed: Parsed) -> None:
        self._parsed = parsed
        self._count = 0

    def build(self, node: yaml.Node, path: str, depth: int) -> Any:
        self._count += 1
        if self._count > MAX_VALUES:
            raise _TooLarge(f"its anchors unfold to more than {MAX_VALUES:,} values")
        if depth > MAX_DEPTH:
            raise _TooLarge(f"line {node.start_mark.line + 1} is nested more than {MAX_DEPTH} deep")
        self._parsed.lines.setdefault(path, node.start_mark.line + 1)
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path, depth)
            case yaml.SequenceNode():
                return [self.build(each, at(path, index), depth + 1) for index, each in enumerate(node.value)]
            case _:
                return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: str, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._parsed.lines.setdefault(path, key_node.start_mark.line + 1)
                self._parsed.fault(Fault("wrong-key", path, "a key here is a name, not a list or an object."))
                continue
            key = str(key_node.value)
            here = at(path, key)
            if key in made:
                first = self._parsed.lines[here]
                self._parsed.lines[here] = key_node.start_mark.line + 1
                words = f"{shown(key)} is given twice; it stands in line {first} already."
                self._parsed.fault(Fault("duplicate-key", here, words))
                continue
            self._parsed.lines[here] = key_node.start_mark.line + 1
            made[key] = self.build(value_node, here, depth + 1)
        return made


def _scalar(node: yaml.Node) -> str | int | float | bool | None:
    text = str(node.value)
    if getattr(node, "style", None):  # quoted or a block: text, whatever it looks like
        return text
    if _NULL.match(text):
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if _WHOLE.match(text) and len(text) <= _LONGEST_NUMBER:
        return int(text)
    if _FRACTION.match(text) and len(text) <= _LONGEST_NUMBER:
        return float(text)
    return text
