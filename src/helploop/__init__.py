"""helploop turns the log of what customers ask into a help site, and what the site could not answer into the log."""

__version__ = "0.1.0"
