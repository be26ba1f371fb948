"""Imports, from the announced file to its undo."""
