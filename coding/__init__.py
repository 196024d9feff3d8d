"""Coding: codebook, rules and codings. Knows db alone."""
