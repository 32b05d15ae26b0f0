"""The store: everything that must outlive a process."""
