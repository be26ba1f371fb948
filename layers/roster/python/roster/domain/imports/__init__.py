"""Imports: what a spreadsheet says, and what becomes of its rows."""
