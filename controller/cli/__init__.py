"""The door for a person: the same loop, told in words, tables and JSON."""


def main() -> None:
    from controller.cli.app import app  # noqa: PLC0415 - whoever imports the package need not have typer

    app(prog_name="rekognition-scheduler")
