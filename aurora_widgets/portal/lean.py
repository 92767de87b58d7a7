"""``python -m aurora_widgets.portal.lean MODULE …`` runs a module without what takes long and nobody needs.

jsonschema checks addresses by a grammar whose import takes two of the three and a half seconds of processor
time in which JupyterHub, or a server of its users, starts; without it no address is checked.
"""

from __future__ import annotations

import runpy
import sys

if __name__ == "__main__":
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # an import of it fails, and is forgiven
    module = sys.argv.pop(1)
    runpy.run_module(module, run_name="__main__", alter_sys=True)
