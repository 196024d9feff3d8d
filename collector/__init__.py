"""Collection: sources, pacing and the run loop. Knows db alone."""
