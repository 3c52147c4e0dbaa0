"""Reads and peaks counted and judged before training: figures by hand, verdicts, refusals."""

import numpy as np
import pandas as pd
import pytest

from cistill.data.backgrounds import WindowShape
from cistill.data.signals import Signals
from cistill.data.splits import Split
from cistill.data.sufficiency.assess import assess_data, write_sufficiency
from cistill.data.sufficiency.counting import count_reads
from cistill.data.sufficiency.settings import SufficiencySettings
from cistill.data.sufficiency.verdicts import worst
from cistill.errors import InputError
from cistill.formats.tables.regions import REGIONS, SUFFICIENCY

SIZES = {"chr1": 1000, "chr2": 1000, "chr3": 1000}
FOLDS = {"0": Split(("chr1",), ("chr2",), ("chr3",))}
SHAPE = WindowShape(40, 20, 0)
PARTS = dict(zip(SIZES, ("train", "valid", "test"), strict=True))


def region_rows(peaks=(200, 205, 400), task="t"):
    """Return the same peaks on every chromosome, each with a background 100 bp on."""
    rows = []
    for chrom, part in PARTS.items():
        for summit in peaks:
            name = f"{chrom}:{summit}"
            rows.append({"region_id": name, "chrom": chrom, "summit": summit, "kind": "peak", "tasks": task})
            rows.append({"region_id": f"bg:{name}", "chrom": chrom, "summit": summit + 100, "kind": "background"})
            rows[-1] |= {"tasks": "", "matched_to": name}
            for row in rows[-2:]:
                row |= {"split": part, "kept": True, "start": row["summit"] - 10, "end": row["summit"] + 10}
    table = pd.DataFrame(rows).reindex(columns=list(REGIONS.all_names))
    table["match_rank"], table["reason"] = 0, None
    return table.sort_values(["chrom", "summit"], kind="stable").reset_index(drop=True)


@pytest.fixture
def written(tmp_path, make):
    """Return what writes a pair of bigWigs of values at positions of every chromosome and returns its two paths."""

    def write(name, plus, minus, chroms=tuple(SIZES)):
        paths = []
        for strand, values in (("plus", plus), ("minus", minus)):
            arrays = {chrom: np.zeros(1000) for chrom in chroms}
            for chrom in chroms:
                for position, value in values.items():
                    arrays[chrom][position] = value
            path = tmp_path / f"{name}.{strand}.bw"
            make.bigwig(path, {chrom: SIZES[chrom] for chrom in chroms}, arrays)
            paths.append(str(path))
        return paths

    return write


def assess(regions, pairs, control=()):
    signals = Signals.from_rows([["t", *pair] for pair in pairs], [["t", *pair] for pair in control])
    return assess_data(regions, signals, SIZES, FOLDS, SHAPE, False)


def value(found, name, **place):
    [one] = [
        judged
        for judged in found.judged
        if judged.measure.name == name and all(getattr(judged.measure, key) == of for key, of in place.items())
    ]
    return one


def test_reads_are_counted_by_part_and_strand(written):
    pair = written("r", {200: 3, 410: 5}, {205: 2, 300: 1})
    found = assess(region_rows(), [pair])
    # windows are [190, 210), [195, 215), [390, 410): 410 is outside; 300 is in the backgrounds [290, 310), [295, 315)
    for part in ("train", "valid", "test"):
        assert value(found, "peaks", split=part).measure.value == 3
        assert value(found, "reads", split=part, strand="+").measure.value == 6
        assert value(found, "reads", split=part, strand="-").measure.value == 4
        assert value(found, "reads", split=part, strand="both").measure.value == 10
        assert value(found, "with_reads", split=part, strand="+").measure.value == pytest.approx(2 / 3)
        assert value(found, "reads_above_background", split=part).measure.value == pytest.approx(10 - 2)
    assert value(found, "enrichment", strand="both").measure.value == pytest.approx(10 / 2)
    assert value(found, "strand_balance").measure.value == pytest.approx(4 / 6)


def test_overlapping_windows_count_once_in_frip(written):
    pair = written("r", {200: 3, 600: 4}, {205: 2})
    found = assess(region_rows(), [pair])
    assert value(found, "frip").measure.value == pytest.approx(5 / 9)
    assert value(found, "frip").measure.n == 27


def test_few_peaks_are_not_enough_and_say_what_to_do(written, caplog):
    found = assess(region_rows(), [written("r", {200: 300, 400: 200}, {205: 200, 401: 300})])
    assert found.verdict == "not enough"
    assert value(found, "peaks", split="train").verdict == "not enough"
    assert "task t: the data are not enough to train on" in caplog.text
    assert "peaks that train: 3 [fold 0, train]; lower the threshold of the peak caller" in caplog.text


def test_many_peaks_with_reads_are_enough(written):
    # 160 peaks on each chromosome would overlap here: limits are lowered instead
    settings = SufficiencySettings()
    assert settings.train_peaks.verdict(150) == "enough"
    assert settings.train_peaks.verdict(149) == "doubtful"
    assert settings.train_peaks.verdict(59) == "not enough"
    assert settings.train_reads.verdict(float("nan")) == "unknown"
    assert worst(["enough", "not enough", "unknown", "doubtful"]) == "not enough"
    assert worst([]) == "enough"


@pytest.mark.parametrize(
    ("chroms", "message"),
    [
        (("chr1",), r"6 of 9 peaks hold no read, among them all 3 peaks of validation, all 3 peaks of test; "
         r"6 peaks are on chromosomes that the bigWigs of r lack \(chr2, chr3\)"),
        (("chr2", "chr3"), r"3 of 9 peaks hold no read, among them all 3 peaks of training"),
    ],
)  # fmt: skip
def test_a_part_without_a_read_is_refused(written, chroms, message):
    with pytest.raises(InputError, match=message):
        assess(region_rows(), [written("r", {200: 3, 400: 1}, {205: 2}, chroms)])


def test_reads_elsewhere_only_are_refused_too(written):
    with pytest.raises(InputError, match=r"9 of 9 peaks hold no read.*check that peaks and bigWigs are of one"):
        assess(region_rows(), [written("r", {700: 3}, {800: 2})])


def test_a_replicate_that_lacks_a_chromosome_is_doubtful_with_the_number(written, caplog):
    whole = written("whole", {200: 3, 400: 1}, {205: 2})
    part = written("part", {200: 3, 400: 1}, {205: 2}, ("chr1", "chr2"))
    found = assess(region_rows(), [whole, part])
    judged = value(found, "peaks_on_lacking_chromosomes", readset="part")
    assert (judged.measure.value, judged.verdict) == (3, "doubtful")
    assert "doubtful: 3 of 9 peaks on chromosomes that a bigWig lacks [part]" in caplog.text


def test_an_empty_strand_is_not_enough(written):
    found = assess(region_rows(), [written("r", {200: 3, 400: 9}, {})])
    assert value(found, "with_reads", split="train", strand="-").verdict == "not enough"
    assert value(found, "strand_balance").verdict == "not enough"


def test_one_file_for_both_strands_is_found(written):
    plus, _ = written("r", {200: 3, 400: 9}, {})
    assert value(assess(region_rows(), [(plus, plus)]), "same_strands").verdict == "not enough"


def test_replicates_and_control_are_compared(written):
    rng = np.random.default_rng(1)
    regions = region_rows(tuple(range(50, 850, 40)))
    level = {summit: int(rng.integers(1, 200)) for summit in range(50, 850, 40)}
    one = written("one", level, level)
    like = written("like", {at: of + 1 for at, of in level.items()}, level)
    other = written("other", dict(zip(level, rng.permutation(list(level.values())).tolist(), strict=True)), {})
    found = assess(regions, [one, like], [one])
    assert value(found, "replicates").verdict == "enough"
    assert value(found, "replicates").measure.readset == "one, like"
    assert value(found, "control_likeness").verdict == "not enough"  # the control is one of the signal's files
    assert value(found, "control_depth").measure.value == pytest.approx(0.5, abs=0.01)
    assert value(assess(regions, [one, other]), "replicates").verdict != "enough"


def test_complexity_is_that_of_the_background(written):
    # 20 reads on 20 positions each in a window of 20: independent reads would leave a third of the positions empty
    spread = {position: 1 for summit in (200, 400) for position in range(summit + 90, summit + 110)}
    piled = {summit + 100: 20 for summit in (200, 400)}
    sites = {200: 5, 400: 5}
    regions = region_rows((200, 400))
    many = SufficiencySettings(fewest_reads=100)

    def complexity(values):
        signals = Signals.from_rows([["t", *written("r", values | sites, values | sites)]], [])
        found = assess_data(regions, signals, SIZES, FOLDS, SHAPE, False, many)
        return value(found, "complexity")

    expected = 20 * (1 - 0.95**20)
    assert complexity(spread).measure.value == pytest.approx(20 / expected)
    assert complexity(piled).measure.value == pytest.approx(1 / expected)
    assert complexity(piled).verdict == "not enough"


def test_of_several_tasks_each_is_judged_on_its_own_peaks(written):
    regions = region_rows((200, 400))
    regions.loc[regions["region_id"].isin(["chr1:200", "chr2:200", "chr3:200"]), "tasks"] = "t,u"
    pair = written("r", {200: 3, 400: 1}, {205: 2})
    signals = Signals.from_rows([["t", *pair], ["u", *written("s", {200: 1}, {201: 1})]], [])
    counted = count_reads(regions, signals, SIZES, FOLDS, SHAPE, 5, False)
    assert counted.is_peak.sum(0).tolist() == [6, 3]
    assert counted.of_task.sum(0).tolist() == [12, 6]
    regions.loc[regions["tasks"] == "t", "tasks"] = "t,u"
    empty = written("e", {200: 1}, {}, ("chr1", "chr2"))
    signals = Signals.from_rows([["t", *pair], ["u", *empty]], [])
    with pytest.raises(InputError, match=r"^task 'u': 4 of 6 peaks hold no read, among them all 2 peaks of test"):
        assess_data(regions, signals, SIZES, FOLDS, SHAPE, False)


def test_the_table_has_every_figure_and_reads_back(written, tmp_path):
    found = assess(region_rows(), [written("r", {200: 3, 400: 1}, {205: 2})])
    write_sufficiency(tmp_path / "T.sufficiency.tsv", found)
    table = SUFFICIENCY.read(tmp_path / "T.sufficiency.tsv")
    assert table.iloc[0][["task", "measure", "verdict"]].tolist() == ["t", "overall", "not enough"]
    assert len(table) == 1 + len(found.judged)
    assert table[table["verdict"].isin(["doubtful", "not enough"])]["advice"].notna().sum() > 3
    assert found.to_json()["tasks"]["t"]["reasons"] == found.reasons("t")


def test_parts_within_a_chromosome_are_told_apart(written):
    folds = {"0": Split(("chr1", "chr2:1-500"), ("chr2:501-1000",), ("chr3",))}
    signals = Signals.from_rows([["t", *written("r", {200: 3, 700: 4}, {200: 1, 700: 2})]], [])
    found = assess_data(region_rows((200, 700)), signals, SIZES, folds, SHAPE, False)
    assert value(found, "peaks", split="train").measure.value == 3
    assert value(found, "reads", split="valid", strand="both").measure.value == 6
    empty = Signals.from_rows([["t", *written("e", {200: 3}, {200: 1})]], [])
    with pytest.raises(InputError, match="among them all 1 peaks of validation"):
        assess_data(region_rows((200, 700)), empty, SIZES, folds, SHAPE, False)
