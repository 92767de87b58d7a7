"""``python -m aurora_widgets.cli`` is the command ``aurora``."""

import sys

from aurora_widgets.cli import main

sys.exit(main())
