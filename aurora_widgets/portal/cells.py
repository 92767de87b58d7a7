"""A notebook's cells, run one after another in one namespace."""

from __future__ import annotations

import ast
import inspect
import logging
import signal
from typing import TYPE_CHECKING, Any

from aurora_widgets.errors import AuroraError

if TYPE_CHECKING:
    from collections.abc import Callable

    Bundle = dict[str, Any]

_LOG = logging.getLogger(__name__)


class CellFailed(Exception):
    """A cell ended with an error, which the log has; ``args`` are its name and a sentence."""


class Cells:
    """The namespace of a page.

    Parameters
    ----------
    show
        Takes what ``display(…)`` shows, as a MIME bundle.
    """

    def __init__(self, show: Callable[[Bundle], None]) -> None:
        self._show = show
        self._names: dict[str, Any] = {"__name__": "__main__", "display": self._display}
        self.ran = 0

    async def run(self, source: str) -> Bundle | None:
        """Run a cell; return its last expression's value as a MIME bundle.

        Raises
        ------
        CellFailed
        """
        self.ran += 1
        name = f"<cell {self.ran}>"
        try:
            tree = ast.parse(source, name)
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            await self._evaluated(tree, name, "exec")
            if not isinstance(last, ast.Expr):
                return None
            value = await self._evaluated(ast.Expression(last.value), name, "eval")
            return None if value is None else bundle(value)
        except AuroraError as refusal:
            _LOG.warning("A cell was refused: %s", refusal.detail)
            raise CellFailed(type(refusal).__name__, refusal.detail) from None
        except MemoryError:
            raise
        except (Exception, KeyboardInterrupt) as mistake:  # noqa: BLE001  whatever a notebook does
            _LOG.exception("A cell failed")
            kind = type(mistake).__name__
            raise CellFailed(kind, f"This page could not be opened ({kind}); its log says more.") from None

    async def _evaluated(self, tree: ast.Module | ast.Expression, name: str, mode: str) -> Any:
        code = compile(tree, name, mode, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # an interrupt ends a cell alone
        try:
            value = eval(code, self._names)  # noqa: S307  the notebook's own cell
        finally:
            signal.signal(signal.SIGINT, before)
        return await value if code.co_flags & inspect.CO_COROUTINE else value

    def _display(self, *values: object) -> None:
        for value in values:
            self._show(bundle(value))


def bundle(value: object) -> Bundle:
    """Return a value as Jupyter shows it: its own MIME bundle, or its HTML and its text."""
    made = getattr(value, "_repr_mimebundle_", None)
    if made is not None:
        found = made(include=None, exclude=None)
        return dict(found[0] if isinstance(found, tuple) else found)
    html = getattr(value, "_repr_html_", None)
    shown = {} if html is None else {"text/html": html()}
    return {"text/plain": repr(value)} | shown
