"""Who sends messages to customers."""
