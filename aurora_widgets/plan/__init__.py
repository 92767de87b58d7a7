"""Passes from document to document, in the order they run."""
