"""The classifier inside Spark, by the words of `docs/bulk-scoring.md`; `make test-spark` runs it.

Spark is 450 MB, so it is no part of what the other tests need.
"""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import classifier
from tests.bench.comments import make_comments

pytestmark = [
    pytest.mark.skipif(
        shutil.which("java") is None and "JAVA_HOME" not in os.environ,
        reason="Spark needs Java 17 or later: install one, or set JAVA_HOME",
    ),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]
pyspark = pytest.importorskip("pyspark", reason="install pyspark: `make test-spark` does")

DOCUMENT = Path(__file__).parents[2] / "docs" / "bulk-scoring.md"
COUNT = 3_000


def find_snippet() -> str:
    """The one block of Python in the document's chapter on Spark."""
    chapter = DOCUMENT.read_text(encoding="utf-8").partition("\n## In Spark\n")[2]
    [snippet] = re.findall(r"```python\n(.*?)```", chapter.partition("\n## ")[0], re.DOTALL)
    return str(snippet)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        # The workers are this interpreter, with the same packages; nothing listens elsewhere.
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        session = (
            pyspark.sql.SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .getOrCreate()
        )
        yield session
        session.stop()


def test_the_documents_words_score_what_the_classifier_scores(spark: Any, tmp_path: Path) -> None:
    texts = make_comments(COUNT)
    rows = [(str(number), text) for number, text in enumerate(texts)]
    frame = spark.createDataFrame(rows, "id string, text string").repartition(4)
    frame.write.parquet(str(tmp_path / "comments.parquet"))
    # Its paths are a reader's own.
    source = find_snippet().replace('"comments.parquet"', repr(str(tmp_path / "comments.parquet")))
    source = source.replace('"scores.parquet"', repr(str(tmp_path / "scores.parquet")))

    exec(compile(source, str(DOCUMENT), "exec"), {"spark": spark, "__name__": "__main__"})

    found = {
        row["id"]: [row[label] for label in classifier.LABELS]
        for row in spark.read.parquet(str(tmp_path / "scores.parquet")).collect()
    }
    expected = classifier.load().score(texts).tolist()
    assert len(found) == COUNT
    assert [found[name] for name, _ in rows] == expected
