"""Audit: what is wrong with what a store trusts, by which list or rule, since when."""
