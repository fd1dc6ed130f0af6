"""HOW: thin adapters. One AWS call per method, translated in and out; no decisions, no boto3 at import."""
