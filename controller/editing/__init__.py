"""Edits of the schedule file's text that leave every other byte as it is. Pure.

``layout``   text → pieces that know where they stand
``written``  data → YAML, in block or in flow style
``edit``     the edits, and ``edited(text, file, *edits)``, which proves that nothing else has changed
``entries``  what the commands write: an override, a hold
"""
