"""Webhooks: what is told, when, in which form, and who carries it."""
