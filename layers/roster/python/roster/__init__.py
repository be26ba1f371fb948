"""Roster: the customer master of a field-service company."""
