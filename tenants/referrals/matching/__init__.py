"""Who could help with a need: what the marketplace has at hand, ranked with reasons, frozen as it was shown."""
