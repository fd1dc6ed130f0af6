"""Turns YAML text into a validated, frozen ``Config``, or into every error with its place. Pure: no files.

``schema_models``     which keys there are; what one value may be: ``values``, ``times``, ``arns``
``reference_errors``  what must hold between values
``build``             makes a ``Config`` (its classes: ``model``) from valid values
``shape_errors``      the errors of pydantic in the file's words; ``problems``: in the order of the file
``warnings``          what is valid and still worth a look; with ``country_warnings``, ``retention_check``
"""
