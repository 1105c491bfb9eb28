"""The express lane (急难): alarm first, temporary aid and a first helper within the day, papers later."""
