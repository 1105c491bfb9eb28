"""Work that comes back or is late: after silence, a decline, a failure or a withdrawn consent the slip looks for
somebody else; a job that stands still rings its receiver and those above."""
