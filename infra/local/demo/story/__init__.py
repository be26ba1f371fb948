"""The story `make run` tells: two full books meet, are edited on both sides and agree again."""
