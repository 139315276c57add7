"""Takes an answer apart: findings, impression and notes, without what is wrapped around them."""
