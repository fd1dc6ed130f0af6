"""YAML → a validated, frozen configuration, or every complaint with its place."""
