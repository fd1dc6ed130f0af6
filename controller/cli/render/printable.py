"""Makes text from AWS, from a file or from a command line safe to print at a terminal."""


def printable(text: str) -> str:
    """No character of it steers a terminal, or turns the direction of what follows."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def printable_lines(text: str) -> str:
    """As ``printable``; lines stay lines."""
    return "\n".join(map(printable, text.split("\n")))
