"""The groups of the `flask` command."""
