from _typeshed import ReadableBuffer, WriteableBuffer

def glance(text: str, kinds: ReadableBuffer, listed: ReadableBuffer) -> int: ...
def hash_words(text: str) -> bytes: ...
def sum_texts(
    texts: list[str],
    folded: ReadableBuffer,
    in_word: ReadableBuffer,
    weights: ReadableBuffer,
    sums: WriteableBuffer,
    counts: WriteableBuffer,
) -> None: ...
