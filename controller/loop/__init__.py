"""One tick of all pipelines: observe, decide, act, remember, report; each by itself, side by side."""
