"""The cost of calls: `prices` for one model, `table` for the price list."""
