"""Checks of every simulated tick, S1 to S8 and what a tick must try; shares no code with the controller."""
