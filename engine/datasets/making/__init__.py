"""How the built-in sets were made; nothing else imports this."""
