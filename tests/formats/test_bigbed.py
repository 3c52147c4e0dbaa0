"""bigBed files hold the intervals given, with an index and summaries that fit them."""

from pathlib import Path

import numpy as np
import pytest
from bigbed_rows import declaration, header, rows_of, zooms

from cistill.formats.bigbed import BedRecord, write_bigbed

SIZES = {"chr10": 50_000, "chr2": 20_000, "chrM": 500}
SQL = """table toy
"Intervals; of a test"
    (
    string chrom; "Chromosome"
    uint chromStart; "Start"
    uint chromEnd; "End"
    string name; "Name; of the interval"
    uint score; "Score"
    )
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[BedRecord]]:
    rng = np.random.default_rng(0)
    intervals = []
    for number in range(3000):
        chrom = list(SIZES)[number % 3]
        start = int(rng.integers(0, SIZES[chrom] - 1))
        end = int(rng.integers(start + 1, min(start + 300, SIZES[chrom]) + 1))
        intervals.append(BedRecord(chrom, start, end, (f"n {number}", str(number))))
    path = tmp_path_factory.mktemp("bigbed") / "toy.bb"
    write_bigbed(path, SIZES, intervals, SQL, 5)
    return path, intervals


def test_every_interval_is_there_by_chromosome_and_place(written: tuple[Path, list[BedRecord]]) -> None:
    path, intervals = written
    order = list(SIZES)
    wanted = sorted((order.index(one.chrom), one.start, one.end, one.rest) for one in intervals)
    found = [(order.index(chrom), start, end, tuple(rest)) for chrom, start, end, rest in rows_of(path)]
    assert found == wanted
    assert header(path)["fields"] == header(path)["defined"] == 5
    assert declaration(path) == SQL


def test_summaries_count_the_intervals_over_each_base(written: tuple[Path, list[BedRecord]]) -> None:
    path, intervals = written
    depth = {chrom: np.zeros(size) for chrom, size in SIZES.items()}
    for one in intervals:
        depth[one.chrom][one.start : one.end] += 1
    levels = zooms(path)
    assert [reduction for reduction, _ in levels] == [1024]
    for reduction, bins in levels:
        assert sum(row[3] for row in bins) == sum(int((values > 0).sum()) for values in depth.values())
        for chrom, start, end, covered, least, most, total, squares in bins:
            values = depth[list(SIZES)[chrom]][start:end]
            assert end - start <= reduction
            assert covered == (values > 0).sum()
            assert (least, most) == (values[values > 0].min(), values.max())
            assert total == pytest.approx(values.sum())
            assert squares == pytest.approx((values**2).sum())


@pytest.mark.parametrize(("start", "end", "rest"), [(400, 501, ("a", "1")), (5, 5, ("a", "1")), (1, 2, ("a",))])
def test_intervals_that_do_not_fit_are_refused(tmp_path: Path, start: int, end: int, rest: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        write_bigbed(tmp_path / "toy.bb", SIZES, [BedRecord("chrM", start, end, rest)], SQL, 5)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one interval at least"):
        write_bigbed(tmp_path / "toy.bb", SIZES, [], SQL, 5)
