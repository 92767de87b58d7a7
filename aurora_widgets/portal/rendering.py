"""The page's document: the template at once, the notebook's cells as its kernel has run them."""

from __future__ import annotations

import asyncio
import copy
import inspect
import logging
import re
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar, Final

from jinja2.ext import Extension
from nbformat.v4 import output_from_msg
from voila.notebook_renderer import NotebookRenderer

from aurora_widgets import errors
from aurora_widgets.portal.kernels import KernelFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import nbformat
    from jinja2 import Environment
    from jupyter_client.asynchronous.client import AsyncKernelClient
    from voila.exporter import VoilaExporter

    from aurora_widgets.portal.kernels import PortalKernel

_LOG = logging.getLogger("aurora_widgets.portal")
NONCE: ContextVar[str] = ContextVar("nonce", default="")
"""What marks the scripts of the page that is being made."""
_SCRIPT: Final = re.compile(r"<script\b(?!\s+nonce)")
_SHOWN: Final = frozenset({"display_data", "execute_result"})
_TOLD: Final = frozenset(
    {name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)}
    | {"ServiceUnavailable", "AddressInvalid", "PageUnavailable"}
)
"""Errors of Aurora's own, whose words are meant for the person; those of others are logged alone."""
_STATES: Final = "application/vnd.jupyter.widget-state+json"
_PATIENCE_SECONDS: Final = 60
_NUDGE_SECONDS: Final = 0.02


class Nonces(Extension):
    """Marks the scripts that the template itself has, and no other, as what may run."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals["nonce"] = NONCE.get

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """Put the page's nonce into each script's tag."""
        return _SCRIPT.sub('<script nonce="{{ nonce() }}"', source)


class CellFailed(errors.AuroraError):
    """The page's notebook did not run."""

    code = "CELL_FAILED"
    status = 503


class Rendering(NotebookRenderer):  # type: ignore[misc]  # Voila has no types
    """One page of the portal's notebook.

    Parameters
    ----------
    notebook
        As it was read when the portal began; each page has its own copy.
    kernel
        The page's kernel, soon.
    flush
        Sends what there is of the page, before the kernel is waited for.
    given
        What Voila's renderer takes.
    """

    exporter: VoilaExporter
    _compiled: ClassVar[dict[str, VoilaExporter]] = {}

    def __init__(
        self,
        notebook: nbformat.NotebookNode,
        kernel: Awaitable[PortalKernel],
        flush: Callable[[], Awaitable[None]],
        **given: Any,
    ) -> None:
        super().__init__(**given)
        self._read = notebook
        self._kernel = kernel
        self._flush = flush

    async def initialize(self, **given: Any) -> None:
        """Prepare the page, with the template as it was compiled for the first."""
        await super().initialize(**given)
        if self.template_name not in self._compiled:
            self.exporter.environment.add_extension(Nonces)
            self._compiled[self.template_name] = self.exporter
        self.exporter = self._compiled[self.template_name]

    async def load_notebook(self, path: str) -> nbformat.NotebookNode:  # noqa: ARG002
        """Return a copy of the notebook."""
        return copy.deepcopy(self._read)

    async def document(self, kernel_id: str) -> AsyncIterator[str]:
        """Return the page, part by part.

        Raises
        ------
        KernelFailed, CellFailed
            After the first parts, where the kernel does not start or the notebook does not run.
        """
        async for part, _ in self.generate_content_generator(kernel_id, self._kernel):
            yield part

    async def _jinja_kernel_start(self, nb: Any, kernel_id: str, kernel_future: Any) -> str:  # noqa: ARG002
        await self._flush()
        kernel = await kernel_future
        self._client: AsyncKernelClient = kernel.client()
        # The heartbeat would be a thread for each page; the kernel's process is watched anyway.
        self._client.start_channels(iopub=True, stdin=False, hb=False, control=False)
        try:
            await _listening(self._client, kernel)
        except BaseException:
            self._client.stop_channels()
            raise
        return kernel_id

    async def _jinja_cell_generator(self, nb: Any, kernel_id: str) -> AsyncIterator[Any]:  # noqa: ARG002
        states: dict[str, Any] = {}
        try:
            for cell in nb.cells:
                if cell.cell_type == "code":
                    cell.outputs = await _ran(self._client, cell.source, states)
                    cell.source = ""
                yield cell
            nb.metadata.widgets = {_STATES: {"version_major": 2, "version_minor": 0, "state": states}}
        finally:
            self._client.stop_channels()


async def _listening(client: AsyncKernelClient, kernel: PortalKernel) -> None:
    """Wait until what a kernel publishes reaches us: it must answer, and be heard to."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        client.kernel_info()
        if await client.iopub_channel.socket.poll(_NUDGE_SECONDS * 1000):
            return
        if not await kernel.is_alive():
            break
    raise KernelFailed(
        "Aurora could not open this page: what works for it did not begin. Try again in a minute."
    )


async def _ran(client: AsyncKernelClient, source: str, states: dict[str, Any]) -> list[Any]:
    """Run a cell and return what it shows; the states of its widgets go to ``states``."""
    asked = client.execute(source, store_history=False, allow_stdin=False)
    shown: list[Any] = []
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            message = await client.get_iopub_msg()
            if message["parent_header"].get("msg_id") != asked:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind in _SHOWN:
                shown.append(output_from_msg(message))  # type: ignore[no-untyped-call]
            elif kind in {"comm_open", "comm_msg"}:
                _note(states, content)
            elif kind == "stream":
                _LOG.info("A page's kernel wrote: %s", content["text"].strip())
            elif kind == "error":
                raise _failed(content)
            elif kind == "status" and content["execution_state"] == "idle":
                return shown


def _note(states: dict[str, Any], content: dict[str, Any]) -> None:
    """Keep what a widget is now, so that the page draws it before it has a connection."""
    state = content["data"].get("state")
    if state is None:
        return
    widget = states.setdefault(
        content["comm_id"],
        {
            "model_name": state.get("_model_name"),
            "model_module": state.get("_model_module"),
            "model_module_version": state.get("_model_module_version"),
            "state": {},
        },
    )
    widget["state"].update(state)


def _failed(content: dict[str, Any]) -> CellFailed:
    name, words = content.get("ename", ""), content.get("evalue", "")
    _LOG.error("The page's notebook failed with %s: %s", name, "\n".join(content.get("traceback") or [words]))
    if name in _TOLD and words:
        return CellFailed(words)
    return CellFailed("Something went wrong inside Aurora while it opened this page; its log says more.")
