"""The web side of Backlit: server, wire format, runs."""
