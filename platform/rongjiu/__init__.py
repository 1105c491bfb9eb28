"""What all communities share."""
