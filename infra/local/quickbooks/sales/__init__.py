"""Transactions: invoices, credit memos, payments, and the money between them."""
