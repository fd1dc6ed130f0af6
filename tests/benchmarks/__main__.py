"""All the figures, one after another: ``python -m tests.benchmarks``."""

from __future__ import annotations

from tests.benchmarks import commands, embedded, imports, parse, schedule, simulation


def main() -> None:
    for benchmark in (schedule, parse, imports, commands, embedded, simulation):
        print(f"\n== {(benchmark.__doc__ or '').splitlines()[0]}")  # noqa: T201 - its output
        benchmark.main()


if __name__ == "__main__":
    main()
