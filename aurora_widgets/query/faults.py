"""Faults of a document: where they are, what they say, and what was probably meant."""

from __future__ import annotations

import difflib
import functools
import re
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import simplejson

from aurora_widgets.errors import Fault, QueryInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_TOKEN = re.compile(r'\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.\[]+)')
_LONGEST = 80
_VERY_LARGE = 10**1000
_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")


def not_too_deep(function: Callable[_Args, _Result]) -> Callable[_Args, _Result]:
    """Say of a document that nests further than Python follows, within every limit, that it does."""

    @functools.wraps(function)
    def followed(*args: _Args.args, **kwargs: _Args.kwargs) -> _Result:
        try:
            return function(*args, **kwargs)
        except RecursionError:
            message = "Too many calculations stand one on another; ask for less at once."
            raise QueryInvalid([Fault("too-deep", "steps", message)]) from None

    return followed


def at(path: str, step: str | int) -> str:
    """Return the path one step further: a key or an index."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    if _PLAIN_KEY.match(step):
        return f"{path}.{step}" if path else step
    return f"{path}[{simplejson.dumps(step[:_LONGEST])}]"


def shown(value: object) -> str:
    """Return a value as a sentence quotes it: short, on one line."""
    text = value if isinstance(value, str) else _shorten(value)
    text = " ".join(text[: 4 * _LONGEST].split()) if text.strip() else text
    return f"`{text[: _LONGEST - 1]}…`" if len(text) > _LONGEST else f"`{text}`"


def _shorten(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "{…}" if value else "{}"
    if isinstance(value, list | tuple):
        return "[…]" if value else "[]"
    if isinstance(value, int) and abs(value) >= _VERY_LARGE:
        return "a very large number"
    return str(value)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the valid name that was probably meant, or ``None``; case is forgiven."""
    by_fold: dict[str, str] = {}
    for each in names:
        by_fold.setdefault(each.casefold(), each)
    close = difflib.get_close_matches(name[:200].casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[close[0]] if close else None


def unknown(
    code: str, path: str, name: str, what: str, names: Iterable[str], *, list_them: bool = False
) -> Fault:
    """Return the fault of a name that isn't one, with the nearest that is.

    Parameters
    ----------
    code
        Such as ``unknown-column``.
    path
        Where the name stands.
    name
        What was written.
    what
        What it should have been, with what it is of: ``a column here``.
    names
        The valid ones.
    list_them
        Name them all where none is near (for short, closed lists).
    """
    valid = tuple(names)
    close = nearest(name, valid)
    sentence = f"{shown(name)} is not {what}"
    if close is not None:
        sentence += f"; did you mean `{close}`?"
    elif list_them and valid:
        sentence += f"; use {one_of(valid)}."
    else:
        sentence += "."
    return Fault(code, path, sentence, close)


def one_of(names: Iterable[str]) -> str:
    """Return names as a sentence lists them: ``a``, ``b`` or ``c``."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return faults in the order of their paths, ``steps[2]`` before ``steps[10]``, each once."""
    return tuple(sorted(dict.fromkeys(faults), key=lambda fault: (_sort_key(fault.path), fault.code)))


def _sort_key(path: str) -> tuple[tuple[int, int, str], ...]:
    return tuple(
        (0, int(index), "") if index else (1, 0, quoted or plain)
        for index, quoted, plain in _TOKEN.findall(path)
    )
