"""The query document: types, reading, writing, operators, faults."""
