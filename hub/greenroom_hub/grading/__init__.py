"""Hidden tests: what they ask is kept here; no box sees an expected value, and no candidate a hidden case."""
