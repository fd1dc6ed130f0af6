"""Thin adapters to AWS: one call per method, translated in and out. No decisions, no boto3 at import."""
