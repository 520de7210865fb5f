from _typeshed import ReadableBuffer, WriteableBuffer

def sum_texts(
    texts: list[str],
    folded: ReadableBuffer,
    in_word: ReadableBuffer,
    weights: ReadableBuffer,
    sums: WriteableBuffer,
    counts: WriteableBuffer,
) -> None: ...
