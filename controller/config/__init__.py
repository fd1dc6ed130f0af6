"""YAML text to a validated, frozen ``Config``, or every error with its place. Pure: no AWS, no files."""
