"""Doctor: one answer out of probe, verdict and key selection: what is wrong, and what mends it."""
