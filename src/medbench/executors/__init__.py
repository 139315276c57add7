"""How the cases of a run are worked through."""
