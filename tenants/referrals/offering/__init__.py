"""Before and beside an offer: what is checked, the waiting line for a place, another time that is proposed."""
