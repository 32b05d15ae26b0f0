"""Greenroom: the rules, the record and its proofs. Pure: no files, no network, no clock."""

__version__ = "0.1.0"
