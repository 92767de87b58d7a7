"""Write the pages that are made from the code: settings and the two JSON Schemas.

``--check`` writes nothing and fails where a page is out of date.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from aurora_widgets.catalog.schema import json_schema as catalog_schema
from aurora_widgets.query.schema import json_schema as query_schema
from aurora_widgets.settings import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent


def settings_page() -> str:
    """Return the settings as a Markdown table."""
    rows = [
        f"| `{setting.name}` | {'(none)' if setting.default is None else setting.default} | {setting.help} |"
        for setting in SETTINGS
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "Every limit is an environment variable, read when Aurora starts. This page is made from",
            "`aurora_widgets/settings.py` by `make docs`.",
            "",
            "| variable | default | what it limits |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def schema_file(schema: object) -> str:
    """Return a JSON Schema as it is published."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "query.schema.json": lambda: schema_file(query_schema()),
    "catalog.schema.json": lambda: schema_file(catalog_schema()),
}


def main() -> int:
    """Write every page, or with ``--check`` name those that are out of date."""
    stale = []
    for name, make in PAGES.items():
        path, text = HERE / name, make()
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text)
    if stale and "--check" in sys.argv:
        print(f"out of date, run `make docs`: {', '.join(stale)}")  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
