"""The sync with a bookkeeping system: both sides, the link between, and what to do."""
