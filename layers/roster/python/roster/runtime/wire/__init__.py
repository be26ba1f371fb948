"""Wire forms that more than one function answers with."""
