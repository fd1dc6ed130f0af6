"""An embedded AWS on a virtual clock: what the adapters call when nobody's account is at hand."""
