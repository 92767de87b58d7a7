"""Rows to files: CSV, Excel, Arrow and JSON, a batch at a time, every value exact."""
