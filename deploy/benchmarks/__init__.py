"""Measurements of one run on the same work: medians, ratios, and an A/A pair beside them."""
