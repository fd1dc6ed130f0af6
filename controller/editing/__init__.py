"""Changes to the schedule file as library calls, without the command line.

``edits``      edits of a YAML text that leave every other byte as it is, and prove it
``draft``      the file while it is edited: read, changed in memory, written in one step
``hold``, ``override``, ``promote``, ``push``: what the commands of these names do to a draft
``changes``    what one configuration in another's place changes
"""
