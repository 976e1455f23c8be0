"""Questions whose answers lead to a plan: the same plan a command or a profile makes."""
