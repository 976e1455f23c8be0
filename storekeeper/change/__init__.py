"""What is to be done to a store: planned as a value, shown, applied, undone."""
