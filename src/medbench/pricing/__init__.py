"""What calls cost: `prices` for one model, `table` for the price list."""
