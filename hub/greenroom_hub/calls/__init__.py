"""The call of a session: who is in it, who sees whom, and how their browsers find each other."""
