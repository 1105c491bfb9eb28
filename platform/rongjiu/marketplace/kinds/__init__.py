"""What some kinds of providers have beyond a shop: hours on call, drills, jobs, licensed staff, declared prices."""
