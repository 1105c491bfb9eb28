"""Work that comes back: after silence, a decline, a failure or a withdrawn consent the slip looks for somebody else."""
