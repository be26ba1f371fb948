"""The lists of a company: terms, items, accounts, classes, payment methods, taxes."""
