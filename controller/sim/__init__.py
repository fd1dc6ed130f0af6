"""An embedded AWS on a virtual clock, the real loop run against it, and checks of what the loop does."""
