"""What DuckDB says when it fails, as one sentence of ours: the one place that reads its words."""

from __future__ import annotations

import logging
import re

import duckdb

from aurora_widgets.engine.names import writable
from aurora_widgets.errors import AuroraError, EngineFailed

_log = logging.getLogger("aurora_widgets.engine")
_log.addHandler(logging.NullHandler())  # whoever runs Aurora says where its log goes

_SAID: tuple[tuple[str, str], ...] = (
    (r"too small to be a Parquet file|No magic bytes", "is not a Parquet file, or was cut short"),
    (
        r"Footer length|TProtocolException|Invalid \w+ size|metadata|corrupt|not read enough bytes|unicode",
        "is damaged",
    ),
    (r"Need at least one (?:non-root )?column", "has no columns"),
    (r"Could not set lock|Conflicting lock", "is open in another program that writes to it; close it there"),
    (r"Unique file handle", "is open for writing in this very program; close that connection first"),
    (r"version number|storage version|newer version", "was written by a newer version of DuckDB"),
    (r"encrypted", "is encrypted, which cannot be opened"),
    (r"not a valid DuckDB database file", "is not a DuckDB file"),
    (r"state machine reached an invalid state", "mixes line endings, or has a quote that is not closed"),
    (r"Maximum line size", "has a row of more than 16 MB; is a quote not closed?"),
    (r"No such file|No files found", "is no longer there"),
    (r"Permission denied|EACCES", "may not be read by this user"),
    (r"Out of Memory", "does not fit into DUCKDB_MEMORY_LIMIT; make a Parquet file of it"),
)
"""What DuckDB or the system says of a source, and what we say."""
_UNREADABLE = "Failed to read file"


def sentence(what: str, error: Exception) -> str:
    """Return one sentence on why ``what``, a file or frame, cannot be read."""
    what, said = writable(what), str(error)
    if isinstance(error, UnicodeEncodeError):
        return f"{what} cannot be read: its path is not UTF-8; rename it."
    for pattern, words in _SAID:
        if re.search(pattern, said, re.IGNORECASE):
            return f"{what} {words}."
    if not isinstance(error, duckdb.Error | OSError):
        return f"{what} cannot be read: {said.rstrip('.')}."
    _log.warning("%s could not be opened: %s", what, said)
    return f"{what} cannot be read: {_first_line(said)}."


def failed(error: Exception) -> AuroraError:
    """Return what a failed statement is to the person who asked."""
    said = str(error)
    _log.error("a statement failed: %s", said)
    if isinstance(error, duckdb.OutOfMemoryException):
        return EngineFailed(
            "This question needs more memory than DUCKDB_MEMORY_LIMIT allows; narrow it with a filter.",
        )
    if isinstance(error, duckdb.OutOfRangeException | duckdb.ConversionException):
        return EngineFailed(
            f"A value does not fit: {_first_line(said)}; filter it out, or change the calculation.",
        )
    if re.search(r"Invalid unicode|not valid UTF-?8|string encoding", said, re.IGNORECASE):
        return EngineFailed("A text in the data is not UTF-8: write its file or table again, as UTF-8.")
    if isinstance(error, duckdb.FatalException):
        return EngineFailed("The database broke down over an earlier question: open the data again.")
    if type(error) is duckdb.Error or isinstance(error, duckdb.IOException) or _UNREADABLE in said:
        # A Parquet reader's own words seldom name the file.
        named = re.search(_UNREADABLE + r' "([^"]*[\\/])?([^"]+)"', said)
        what = named[2] if named else "A file that this question reads"
        return EngineFailed(f"{what} is damaged or can no longer be read: make it again, then ask again.")
    return EngineFailed("The database could not answer this question.")


def _first_line(said: str) -> str:
    first = said.strip().splitlines()[0] if said.strip() else "no reason given"
    return re.sub(r"^[A-Z][A-Za-z /]*Error: ", "", first).partition(". You might")[0].rstrip(".;!")
