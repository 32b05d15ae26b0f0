"""The room: one shared notebook, its kernel, and the page people see it in."""
