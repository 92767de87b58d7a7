"""Planned documents as Ibis expressions and as SQL: the only room that knows Ibis and sqlglot."""

from aurora_widgets.sql.code import NotPrintable, ibis_code
from aurora_widgets.sql.lazy import IbisTable, tables_on
from aurora_widgets.sql.statement import Compiled, compile, compile_text, expression  # noqa: A004

__all__ = [
    "Compiled",
    "IbisTable",
    "NotPrintable",
    "compile",
    "compile_text",
    "expression",
    "ibis_code",
    "tables_on",
]
