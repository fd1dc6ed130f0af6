"""An AWS in memory on a virtual clock: a module for each service, and the faults that are injected."""
