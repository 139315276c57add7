"""Drawn images with known findings: no patients, no licence."""
