"""Records become tables and files; nothing is computed here."""
