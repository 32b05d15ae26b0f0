"""Greenroom: starting code that is hostile."""
