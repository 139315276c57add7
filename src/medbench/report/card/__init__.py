"""The decision card: one system on one side of paper, for somebody who decides with it."""
