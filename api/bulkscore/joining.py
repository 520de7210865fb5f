"""One file of all parts, in their order, where that was asked for."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from api.bulkscore.parts import name_part, open_parquet

SUFFIX = ".parts"
"""The folder of the parts of `x.parquet` is `x.parquet.parts`, until they are joined."""


def join(folder: Path, form: str, count: int, target: Path) -> None:
    """Write so many parts into `target`, which is there whole or not at all, instead of them."""
    parts = [folder / name_part(number, form) for number in range(count)]
    written = target.with_name(f".{target.name}.new")
    if target.suffix == ".parquet":
        _join_parquet(parts, written)
    else:
        with written.open("wb") as file:
            for part in parts:
                with part.open("rb") as opened:
                    shutil.copyfileobj(opened, file)
    written.replace(target)
    shutil.rmtree(folder)


def _join_parquet(parts: Sequence[Path], written: Path) -> None:
    import pyarrow.parquet

    with written.open("wb") as file, open_parquet(file) as writer:
        for part in parts:
            with pyarrow.parquet.ParquetFile(part) as opened:
                for number in range(opened.num_row_groups):
                    writer.write_table(opened.read_row_group(number).cast(writer.schema))
