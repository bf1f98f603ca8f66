"""Finds out from the tenant at hand what JumpCloud's documents leave open; nothing depends on the answers."""
