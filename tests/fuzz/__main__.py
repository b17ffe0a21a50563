"""Says a million things to a node that no page would (`make fuzz`), and judges what it answers."""

import argparse
import asyncio
import sys

import django

django.setup()

from .hostile import Plan, attack  # noqa: E402 - the settings come first


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1, help="The same seed says the same.")
    parser.add_argument("--attackers", type=int, default=24)
    parser.add_argument(
        "--only-mutates", action="store_true", help="Sound commands, damaged, and nothing else."
    )
    verdict = asyncio.run(attack(Plan(**vars(parser.parse_args()))))
    print(verdict)
    return 0 if verdict.ok else 1


if __name__ == "__main__":
    sys.exit(main())
