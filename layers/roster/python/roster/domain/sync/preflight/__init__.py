"""What is looked at before a sync: facts in, checks in a bookkeeper's words out. No I/O."""
