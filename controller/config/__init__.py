"""Turns YAML text into a validated, frozen ``Config``, or into every error with its place. Pure: no files."""
