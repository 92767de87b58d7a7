"""A room imports only from rooms above it, and only `sql` knows Ibis and sqlglot."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "aurora_widgets"
ORDER = (
    "errors", "settings", "demo", "query", "catalog", "plan", "sql", "engine", "export", "service", "widgets",
    "portal", "cli",
)  # fmt: skip
ONLY = {
    "ibis": {"sql"},
    "sqlglot": {"sql"},
    "duckdb": {"engine", "demo"},
    "ipydatagrid": {"widgets"},
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the room"
            found.append(node.module or "")
            if node.module == "aurora_widgets":
                found += [f"aurora_widgets.{alias.name}" for alias in node.names]
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_from_rooms_above_it(path: Path) -> None:
    here = room(path)
    if here == "__init__":
        return
    for name in imports(path):
        if name.startswith("aurora_widgets."):
            there = name.split(".")[1]
            if there in ORDER:
                assert ORDER.index(there) <= ORDER.index(here), f"{here} imports {there}"
        library = name.split(".")[0]
        if library in ONLY:
            assert here in ONLY[library], f"{here} imports {library}"


def test_every_room_is_in_the_order() -> None:
    assert {room(path) for path in modules()} <= {*ORDER, "__init__"}
