"""Papers as PDF. What is imported here lies in a layer that only one function carries."""
