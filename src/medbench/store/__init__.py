"""Benchmark and run folders: durable lines, locks, the ledger."""
