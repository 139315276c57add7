"""Pictures: reading, checking and comparing them; nothing else touches pixels."""
