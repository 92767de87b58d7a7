"""What JupyterHub reads where ``aurora hub`` is given no other configuration: demo accounts."""

from aurora_widgets.portal import hub

hub.configure(get_config())  # type: ignore[name-defined]  # noqa: F821  JupyterHub gives it to the file
