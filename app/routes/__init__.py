"""What answers each address: handlers of a few lines over ``runs`` and ``bridge``."""
