"""The records: what medbench writes to files and passes between its parts."""
