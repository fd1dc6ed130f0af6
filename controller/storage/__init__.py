"""Stores texts and small state: the schedule file, memories, announced state, the deployment's state.

``sources``    one text at a location: a file, an object in S3, the standard input
``documents``  such a text that several people may edit
``load``       such a text, parsed; ``last_good``: its newest valid version, from tick to tick
``state``      small typed JSON documents; ``memories`` and ``deployment`` say which there are
"""
