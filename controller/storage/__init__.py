"""Stores texts and small state: the schedule file, memories, announced state, the deployment's state."""
