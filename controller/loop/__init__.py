"""How the work of one tick is divided among threads, and in which order it is done."""
