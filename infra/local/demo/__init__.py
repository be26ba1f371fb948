"""The demonstration of ``make run``: a spreadsheet and a QuickBooks company flow in."""
