"""Databases: pool, deadline, cancel, Arrow batches."""
