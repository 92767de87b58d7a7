"""Self-service reporting over DuckDB and Oracle: one query document, edited by widgets."""

__version__ = "0.1.0"
