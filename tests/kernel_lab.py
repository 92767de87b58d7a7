"""Real page kernels, started and asked as the portal does, and their processes as Linux shows them."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import os
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory

EXPLORER = "from aurora_widgets import Explorer\n\nExplorer.from_environment()"
BARE = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}


class OpenPage:
    """A kernel and whoever looks at its page.

    ``panel`` is the explorer's line to the page, ``shown`` what it was told to show.
    """

    def __init__(self, manager, client):
        self.manager, self.client = manager, client
        self.hurry = False
        self.panel, self.shown, self.replies, self.heard = "", {}, {}, []
        self._news = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())

    @property
    def pid(self):
        return self.manager.provisioner.pid

    @property
    def reason(self):
        return self.manager.provisioner.reason

    async def run(self, cell):
        """Run a cell; gives its reply's content."""
        asked = self.client.execute(cell)
        while True:
            reply = await self.client.get_shell_msg(timeout=30)
            if reply["parent_header"].get("msg_id") == asked:
                return reply["content"]

    async def value(self, expression):
        """Return what an expression is in the kernel, by its repr."""
        before = len(self.heard)
        assert (await self.run(expression))["status"] == "ok"
        await self.until(lambda: any(kind == "execute_result" for kind, _ in self.heard[before:]))
        content = next(content for kind, content in self.heard[before:] if kind == "execute_result")
        return ast.literal_eval(content["data"]["text/plain"])

    async def open(self):
        assert (await self.run(EXPLORER))["status"] == "ok"
        await self.until(lambda: self.panel)

    def send(self, **content):
        data = {"method": "custom", "content": content}
        self.client.shell_channel.send(
            self.client.session.msg("comm_msg", {"comm_id": self.panel, "data": data})
        )

    async def do(self, **deed):
        """Do what a person would; gives the page that it leads to, or the error's sentence."""
        before = self.shown["page"]["epoch"]
        self.send(**deed)

        def done():
            state = self.shown["status"]["state"]
            return (self.shown["page"]["epoch"] != before and state == "ready") or state == "error"

        await self.until(done)
        error = self.shown["status"]["error"]
        return error["detail"] if error else self.shown["page"]["rows"]

    async def ask(self, **asked):
        number = len(self.replies) + 1
        self.send(**asked, id=number)
        await self.until(lambda: number in self.replies)
        return self.replies[number]

    async def until(self, holds, seconds=30):
        async with asyncio.timeout(seconds):
            while not holds():
                self._news.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), 0.05)

    async def gone(self):
        """Wait until the kernel's process has ended."""
        async with asyncio.timeout(20):
            while await self.manager.is_alive():  # noqa: ASYNC110  nothing tells
                await asyncio.sleep(0.01)

    async def close(self):
        self._listening.cancel()
        self.client.stop_channels()
        await self.manager.shutdown_kernel(now=self.hurry)

    async def _listen(self):
        while True:
            message = await self.client.get_iopub_msg()
            kind, content = message["msg_type"], message["content"]
            self.heard.append((kind, content))
            data = content.get("data", {})
            if kind == "comm_open" and "panel" in data["state"]:
                self.panel, self.shown = content["comm_id"], dict(data["state"])
            elif kind == "comm_msg" and content["comm_id"] == self.panel:
                self.shown.update(data.get("state", {}))
                if "id" in data.get("content", {}):
                    self.replies[data["content"]["id"]] = data["content"]
            self._news.set()


@contextlib.asynccontextmanager
async def page(folder, **environment):
    """Start a kernel the way the portal does; it is closed at the end, if it lives."""
    KernelProvisionerFactory.instance().default_provisioner_name = "aurora-forked"
    manager = AsyncKernelManager(
        kernel_name="python3", transport="ipc", connection_file=f"{folder}/{os.urandom(4).hex()}.json"
    )
    await manager.start_kernel(env=BARE | environment, cwd="/")
    client = manager.client()
    client.start_channels(hb=False)
    opened = OpenPage(manager, client)
    try:
        asked = client.kernel_info()
        while (await client.get_shell_msg(timeout=30))["parent_header"].get("msg_id") != asked:
            pass
        await opened.until(lambda: opened.heard)  # what a kernel publishes before is lost
        yield opened
    finally:
        await opened.close()
        manager.context.destroy()


def process(pid):
    """Return the fields of a process's status; nothing once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return {}
    return {name: text.strip() for name, _, text in (line.partition(":") for line in lines)}


def own_megabytes(pid):
    """Return how much memory a process shares with no other."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) * 1024 / 1e6


def files(pid):
    """Return what the open files of a process are."""
    folder = Path(f"/proc/{pid}/fd")
    return {int(each.name): str(each.readlink()) for each in folder.iterdir()}


def told(pid):
    """Return what the process list shows of a process: its command and its first environment."""
    return b"".join(Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ"))
