"""Options that several commands have, by what they are for."""
