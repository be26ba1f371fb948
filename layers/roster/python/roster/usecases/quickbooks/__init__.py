"""QuickBooks: the connection, its runs, and what they apply."""
