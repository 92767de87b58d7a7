"""Running a document: what a notebook and the portal both call."""
