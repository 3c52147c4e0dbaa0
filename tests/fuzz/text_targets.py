"""The readers of text: sheets, intervals, motifs, tables of measurements, options, JSON."""

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from files_of_formats import row_of
from mutations import json_mutator, text_mutator
from structured import (
    BEDS,
    BETWEEN,
    FASTAS,
    INSERTS,
    LABELLED,
    LIBRARIES,
    MEASURED_COMMA,
    MEASURED_TAB,
    PSAMS,
    SHEETS,
    motif_files,
    tables_with_reader,
)
from structured import SIZES as SIZE_FILES
from targets import Target

from cistill.affinity.calibration.calibrator_file import read_calibrators
from cistill.affinity.comparators.matrix_files import read_matrices
from cistill.affinity.libraries_sheet import Models, check_libraries
from cistill.affinity.marginalization.inserts import read_inserts
from cistill.affinity.tables.measurements import make_library
from cistill.affinity.tables.reader import load_reader
from cistill.data.annotation import read_annotation
from cistill.data.genome import chromosome_sizes, read_sizes
from cistill.data.genome_windows import Genome
from cistill.data.intervals import read_bed
from cistill.data.named_files import FileFinder
from cistill.data.peaks import read_peaks
from cistill.data.read_rows import holds_rows, read_ends
from cistill.data.samplesheet import grouping_problems, read_samplesheet, readset_table
from cistill.data.splits import SplitChoice
from cistill.errors import InputError
from cistill.formats.hits import read_hits
from cistill.formats.library import read_library
from cistill.formats.meme import read_meme
from cistill.formats.motif_files.reader import read_motif_file
from cistill.formats.page_model import read_page_model
from cistill.formats.psam import read_psam
from cistill.formats.published import ResultTable
from cistill.formats.tables.hits import HITS
from cistill.formats.tables.regions import REGIONS
from cistill.formats.truth import read_truth
from cistill.hits.comparison.known_sites import read_known_sites
from cistill.interpret.modisco_settings import modisco_settings
from cistill.model.network import NetworkConfig
from cistill.model.network.presets import read_preset
from cistill.model.prediction.own_regions import read_regions
from cistill.presets import READERS
from cistill.texts import read_object

SIZES = {"chrI": 3000, "chrII": 2000, "chrIII": 2500, "chrM": 300}


def _texts(*texts: str) -> Callable[[], Sequence[bytes]]:
    return lambda: [text.encode() for text in texts]


def _no(problems: Sequence[str]) -> None:
    """Refuse a file with problems, as the commands do."""
    if problems:
        raise InputError("\n".join(problems[:60]))


def _samplesheet(path: Path) -> None:
    rows, problems = read_samplesheet(path)
    problems += grouping_problems(rows, str)
    _no(problems)
    readset_table(rows, str)


def _affinity_sheet(path: Path) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as made:
        check_libraries(path, Models({"REB1": {"exo"}, "GCN4": set()}), FileFinder.make(path), READERS, Path(made))


def _splits(path: Path) -> None:
    SplitChoice((path,), ("all",)).resolve(SIZES)


def _genome(path: Path) -> None:
    genome = Genome(path)
    assert genome.sizes == chromosome_sizes(path)
    for name, size in list(genome.sizes.items())[:3]:
        windows = genome.windows(name, np.array([-5, size // 2, size - 3]), 10)
        assert windows.max() <= 4


def _matrices(path: Path) -> None:
    for matrix in read_matrices(str(path)):
        assert np.isfinite(matrix.values).all()


def _meme(path: Path) -> None:
    for motif in read_meme(path):
        assert np.allclose(motif.matrix.sum(1), 1)


def _motif_file(path: Path) -> None:
    for motif in read_motif_file(path).motifs:
        assert np.isfinite(motif.matrix).all()
        assert np.allclose(motif.matrix.sum(1), 1)


def _read_rows(path: Path) -> None:
    for batch in read_ends(path):
        assert all(len(strand) == 0 or strand.min() >= 0 for ends in batch.values() for strand in ends)
    holds_rows(path)


def _intervals(path: Path) -> None:
    assert all(0 <= start < end for _, start, end in read_bed(path, "BED file"))


def _annotation(path: Path) -> None:
    for one in read_annotation(path):
        assert 0 <= one.start <= one.exons[0][0] < one.exons[-1][1] <= one.end
        assert one.start <= one.coding[0] <= one.coding[1] <= one.end


def _peaks(path: Path) -> None:
    table = read_peaks(path)
    assert ((table["start"] <= table["summit"]) & (table["summit"] < table["end"])).all()


TABLE_READERS = {
    "plain": "assay: x\nformat: {separator: tab}\nsequence: {column: sequence}\n"
    "label: {column: ddG, unit: kcal/mol, higher_is_tighter: false}\n",
    "comma": "assay: x\nformat: {separator: comma, comment: '#'}\nsequence: {column: 1, slice: [1, -1]}\n"
    "class: {column: -1}\n"
    "label: {column: 2, unit: arbitrary, higher_is_tighter: true, transform: ln}\n",
    "fasta": "assay: x\nformat: {kind: fasta}\nsequence: {column: sequence}\n",
    "psam": "assay: x\nformat: {kind: psam}\nsequence: {column: sequence}\n"
    "label: {column: label, unit: kcal/mol, higher_is_tighter: false}\n",
}


@cache
def _reader(name: str) -> Any:
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / f"{name}.yml"
        file.write_text(TABLE_READERS[name])
        return load_reader(str(file), READERS)


def _measurements(name: str) -> Callable[[Path], None]:
    return lambda path: make_library(path, _reader(name)) and None


def _tables_with_readers() -> tuple[list[bytes], list[bytes]]:
    texts = (TABLE, TABLE.replace("\t", ","), FASTA, PSAM)
    return [text.encode() for text in TABLE_READERS.values()], [text.encode() for text in texts]


def _table_with_reader(path: Path) -> None:
    """Read a table as the description in the same file says."""
    description, _, table = path.read_bytes().partition(BETWEEN)
    reader, data = path.with_name("reader.yml"), path.with_name("table.tsv")
    reader.write_bytes(description)
    data.write_bytes(table)
    make_library(data, load_reader(str(reader), READERS))


def _reader_file(path: Path) -> None:
    given = f"{path}:protein=Pho4" if b"{protein}" in path.read_bytes() else str(path)
    load_reader(given, READERS)


@cache
def _known_options() -> Any:
    from cistill.cli import COMMANDS, app_of
    from cistill.hits.callers import caller_names, own_options
    from cistill.parameters.configure import Commands
    from cistill.parameters.options import options_of
    from cistill.parameters.table import read_table

    callers = {caller: frozenset(own_options(caller)) for caller in caller_names()}
    schema = json.loads((Path(__file__).parents[2] / "nextflow_schema.json").read_text())
    return Commands(options_of(COMMANDS, app_of), callers, read_table()), schema


def _options(path: Path) -> None:
    from cistill.parameters.configure import configure

    commands, schema = _known_options()
    _no(configure(commands, {}, schema, path).problems)


def _parameters(path: Path) -> None:
    from cistill.data.parameters import parameter_problems
    from cistill.parameters.configure import configure

    commands, schema = _known_options()
    given = read_object(path, "parameters")
    _no([*configure(commands, given, schema, None).problems, *parameter_problems(given, schema)])


def _preset(path: Path) -> None:
    NetworkConfig(**read_preset(path)).check()


SHEET = (
    "tf,task,bam,peaks,control_bam\nREB1,exo,a.bam,p.bed,c.bam\nREB1,exo,b.bam,p.bed,c.bam\nGCN4,chip,d.bam,q.bed,\n"
)
SHEET_OF_BIGWIGS = (
    "tf,task,bigwig_plus,bigwig_minus,peaks,known_sites\nREB1,exo,a.bw,b.bw,p.bed,\nGCN4,chip,c.bw,d.bw,q.bed,s.bed\n"
)
PAGE_MODEL = {
    "format": "cistill-page-model", "format_version": 1, "tf": "T", "tasks": ["a"], "votes": ["a"],
    "network": {"filters": 1, "layers": 0}, "weights": {"first.weight": {"shape": [1, 3], "float16": "ADwAPAA8"}},
    "backgrounds": ["ACGT"], "record": {"run": "r", "networks": 1}, "not_available": "",
}  # fmt: skip
AFFINITY_SHEET = "tf,task,library,file,reader\nREB1,exo,v,,generate:substitutions:TTACCCG\nGCN4,,m,,generate:kmers:3\n"
NARROWPEAK = "".join(
    f"chr{'I' * (1 + i % 3)}\t{i * 100}\t{i * 100 + 80}\tp{i}\t{i}\t.\t{i}.5\t3.2\t2.1\t{40 + i}\n" for i in range(8)
)
READ_ROWS = "".join(f"chrI\t{i * 100}\t{i * 100 + 36}\tN\t1000\t{'+-'[i % 2]}\n" for i in range(8))
FRAGMENT_ROWS = "# id=x\n" + "".join(f"chrI\t{i * 100}\t{i * 100 + 80}\tACGT-1\t{i}\n" for i in range(8))
BED = "track name=x\n# c\n" + "".join(f"chrI\t{i * 100}\t{i * 100 + 80}\tTTACCCG|c{i % 3}\t{i}\t+\n" for i in range(8))
GTF = "#!genome-build x\n" + "".join(
    f'chrI\tx\t{kind}\t{start}\t{end}\t.\t+\t.\tgene_id "G1"; transcript_id "T1"; gene_name "A";\n'
    for kind, start, end in (("gene", 1, 90), ("transcript", 1, 90), ("exon", 1, 20), ("exon", 61, 90), ("CDS", 11, 20))
)
GFF3 = "##gff-version 3\n" + "".join(
    f"chrI\tx\t{kind}\t{start}\t{end}\t.\t-\t.\t{attributes}\n"
    for kind, start, end, attributes in (
        ("gene", 1, 90, "ID=g;Name=A%20B"), ("mRNA", 1, 90, "ID=m;Parent=g"), ("exon", 1, 20, "Parent=m"),
        ("CDS", 61, 90, "Parent=m"), ("tRNA_gene", 95, 99, "ID=t"),
    )
)  # fmt: skip
BED12 = "chrI\t100\t900\tg\t0\t-\t150\t800\t0\t2\t50,100,\t0,700,\nchrII\t5\t9\n"
MEME = (
    "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\nBackground letter frequencies\nA 0.25 C 0.25 G 0.25 T 0.25\n\n"
    "MOTIF MA0363.3 REB1\nletter-probability matrix: alength= 4 w= 3 nsites= 20 E= 0\n0.1 0.2 0.3 0.4\n1 0 0 0\n"
    "0.25 0.25 0.25 0.25\nURL http://x\n\nMOTIF m2\nletter-probability matrix: alength= 4 w= 2\n"
    " 0.5\t0.5 0 0\n0 0 0.5 0.5\n"
)
JASPAR = ">MA0363.1 REB1\nA [ 1 2 3 ]\nC [ 4 0 3 ]\nG [ 4 1 3 ]\nT [ 1 7 3 ]\n"
JASPAR_RAW = ">MA1 X\n1 2 3\n4 5 6\n7 8 9\n1 1 1\n>MA2\n1 2\n4 5\n7 8\n1 1\n"
WEEDER = ">Motif 1 TTACCCG 1.3\nA\t0.1\t0.2\nC\t0.3\t0.2\nG\t0.3\t0.3\nT\t0.3\t0.3\n"
PSAM = ",1,2,3\nA,1,0.2,0.5\nC,0.1,1,1\nG,0.3,0.01,0\nT,0,0.2,0.3\n"
TABLE = "sequence\tddG\tclass\n" + "".join(
    f"{'ACGT'[i % 4] * 2}{'ACGT'[i // 4 % 4]}TACG\t{i / 10}\ta\n" for i in range(12)
)
FASTA = ">chrI one\nACGTACGTAC\nACGTNNACGT\nACG\n>chrII\nacgtacgt\nacgt\n>chrM\nACGT\n"
FOLDS = {"fold_0": {"train": ["chrI"], "valid": ["chrII"], "test": ["chrIII"]},
         "fold_1": {"train": ["chrII"], "valid": ["chrIII"], "test": ["chrI"]}}  # fmt: skip
OTHER_FOLDS = {"0": {"train": ["chrI"], "val": ["chrII"], "test": ["chrIII"]}}
OPTIONS = (
    "train: {patience: 5}\nmotifs:\n  merge-heads: {pair: 0.9}\ncallhits:\n  window: 300 # c\n  finemo: {lambda: 0.6}\n"
)


def _readers() -> Sequence[bytes]:
    return [file.read_bytes() for file in sorted(READERS.glob("*.yml"))] + [
        text.encode() for text in TABLE_READERS.values()
    ]


def _written(table: ResultTable) -> bytes:
    """Return two rows of a table of ours."""
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / "table.tsv"
        table.write(file, row_of(table))
        return file.read_bytes()


def _json(*values: Any) -> Callable[[], Sequence[bytes]]:
    return lambda: [json.dumps(value).encode() for value in values]


def _network() -> dict[str, Any]:
    return {name: value for name, value in asdict(NetworkConfig()).items() if name not in ("tasks", "controls")}


HOMER = ">TTACCCG\tREB1(Zf)\t6.05\t-1000.1\t0\tT:10.0(5.00%)\n0.1\t0.2\t0.3\t0.4\n0.997\t0.001\t0.001\t0.001\n"
TRANSFAC = (
    "VV  TRANSFAC MATRIX TABLE\nXX\n//\nAC  M00001\nXX\nID  V$MYOD_01\nXX\nPO      A      C      G      T\n"
    "01      1      2      2      0      S\n02      2      1      2      0      R\nXX\n//\n"
)
CISBP = "TF\tREB1\nMotif\tM1\nPos\tA\tC\tG\tT\n1\t0.1\t0.2\t0.3\t0.4\n2\t0.25\t0.25\t0.25\t0.25\n"
UNIPROBE = "Reb1\nA:\t0.1\t0.2\nC:\t0.3\t0.2\nG:\t0.3\t0.3\nT:\t0.3\t0.3\n"
TRUTH = (
    '{"motifs": {"M": {"pfm": [[0.1, 0.2, 0.3, 0.4], [0, 0, 1, 0]], "footprint": {"first_offset": -1, "same_strand": '
    '[0.1, 0.2], "opposite_strand": [0.3, 0.4]}}}, "main_motif": "M", "spacing_rule": {"partner": "M", "distance": 2}, '
    '"classes": {"strong": "x"}}'
)
BASES = (b"A", b"ACGT", b"N", b"TTACCCG")
PATHS = (b"a.bam", b"../a b.bam", b"/x/y", b"http://x/a.bam", b"C:\\a.bam", b"REB1", b"exo", b"1")
TEXT_TARGETS = (
    Target(
        "samplesheet", _samplesheet, _texts(SHEET, SHEET_OF_BIGWIGS), text_mutator(PATHS), ".csv", structured=SHEETS
    ),
    Target(
        "affinity_sheet",
        _affinity_sheet,
        _texts(AFFINITY_SHEET),
        text_mutator(
            (
                *PATHS,
                b"generate:kmers:2:A",
                b"generate:",
                b"tsv",
                b"generate:spacers:TTA:CCG:0-3",
                b"generate:pattern:NNRT",
            )
        ),
        ".csv",
        structured=LIBRARIES,
    ),
    Target(
        "narrowpeak", _peaks, _texts(NARROWPEAK, BED, "chrI\t5\t9\n"), text_mutator(), ".narrowPeak", structured=BEDS
    ),
    Target("read_rows", _read_rows, _texts(READ_ROWS, FRAGMENT_ROWS), text_mutator(), ".bed", structured=BEDS),
    Target("bed", _intervals, _texts(BED, NARROWPEAK), text_mutator(), ".bed", structured=BEDS),
    Target(
        "annotation",
        _annotation,
        _texts(GTF, GFF3, BED12),
        text_mutator((b"exon", b"CDS", b"Parent=g", b"Parent=m,g", b"##FASTA", b'gene_id ""', b"0", b"-1", b"1,2,")),
        ".gff",
        structured=BEDS,
    ),
    Target("own_regions", read_regions, _texts(BED, NARROWPEAK), text_mutator(), ".bed", structured=BEDS),
    Target("known_sites", read_known_sites, _texts(BED, NARROWPEAK), text_mutator(), ".bed", structured=BEDS),
    Target(
        "meme",
        _meme,
        _texts(MEME),
        text_mutator((b"MOTIF", b"MOTIF a", b"letter-probability matrix:", b"nsites=", b"ALPHABET= ACGU")),
        ".meme",
        structured=motif_files(),
    ),
    Target(
        "matrices",
        _matrices,
        _texts(MEME, JASPAR, JASPAR_RAW, WEEDER, PSAM),
        text_mutator((b">", b"A [", b"]")),
        ".txt",
        structured=motif_files(),
    ),
    Target(
        "motif_files",
        _motif_file,
        _texts(MEME, JASPAR, JASPAR_RAW, WEEDER, PSAM, HOMER, TRANSFAC, CISBP, UNIPROBE),
        text_mutator((b">", b"A [", b"]", b"AC", b"PO A C G T", b"P0", b"//", b"XX", b"Pos", b"A:", b"01")),
        ".txt",
        structured=motif_files(),
    ),
    Target("truth", read_truth, _texts(TRUTH), text_mutator((b"{}", b"[]", b"null", b"NaN", b"1e999")), ".json"),
    Target("psam", read_psam, _texts(PSAM), text_mutator(), ".csv", structured=PSAMS),
    Target(
        "measurements_tab", _measurements("plain"), _texts(TABLE), text_mutator(BASES), ".tsv", structured=MEASURED_TAB
    ),
    Target(
        "measurements_comma",
        _measurements("comma"),
        _texts(TABLE.replace("\t", ",")),
        text_mutator(BASES),
        ".csv",
        structured=MEASURED_COMMA,
    ),
    Target(
        "measurements_fasta",
        _measurements("fasta"),
        _texts(FASTA),
        text_mutator((*BASES, b">")),
        ".fa",
        structured=FASTAS,
    ),
    Target("measurements_psam", _measurements("psam"), _texts(PSAM), text_mutator(), ".csv", structured=PSAMS),
    Target(
        "measurements_yaml",
        _table_with_reader,
        lambda: [yaml + BETWEEN + table for yaml, table in zip(*_tables_with_readers(), strict=True)],
        text_mutator((*BASES, b"{column: 1}", b"transform: ln", b"slice: [1, -1]")),
        ".txt",
        structured=tables_with_reader(),
    ),
    Target(
        "reader_yaml",
        _reader_file,
        _readers,
        text_mutator((b"kind: psam", b"{protein}", b"ln", b"parameters:")),
        ".yml",
    ),
    Target("inserts", read_inserts, _texts(TABLE, FASTA), text_mutator((*BASES, b">")), ".tsv", structured=INSERTS),
    Target(
        "library",
        read_library,
        _texts("sequence\tlabel\tlabel_sd\tn_replicates\tclass\tname\nACGT\t0.1\tNA\t1\tNA\tx\nAC\t1\t0\t2\ta\tNA\n"),
        text_mutator(BASES),
        ".tsv",
        structured=LABELLED,
    ),
    Target("options", _options, _texts(OPTIONS), text_mutator((b"train:", b"epochs: x", b"- 1", b"null")), ".yml"),
    Target(
        "parameters",
        _parameters,
        _json({"epochs": 5, "seed": 1, "input": "a.csv", "learning_rate": 0.001, "n_shuffles": 20}),
        json_mutator(),
    ),
    Target(
        "folds",
        _splits,
        _json(FOLDS, FOLDS["fold_0"], {"0": {"val": ["chrI"], "test": ["chrII"]}}),
        json_mutator(("chrI", "chrII", "chrIII", "train", "valid", "test")),
        ".json",
    ),
    Target("preset", _preset, lambda: [json.dumps(_network()).encode()], json_mutator(), ".json"),
    Target(
        "modisco_parameters",
        lambda path: modisco_settings("default", path) and None,
        _json({"sliding_window_size": 20, "target_seqlet_fdr": 0.2}),
        json_mutator(),
        ".json",
    ),
    Target(
        "calibrator",
        read_calibrators,
        _json({"format": "cistill-calibrator", "format_version": 1, "calibrators": [{"kind": "line", "a": 1}]}),
        json_mutator(),
        ".json",
    ),
    Target("page_model", read_page_model, _json(PAGE_MODEL), json_mutator(("float16", "AAAA", "ACGT")), ".json"),
    Target(
        "provenance",
        lambda path: read_object(path, "provenance") and None,
        _json({"command": "train", "results": {"a": [1]}}),
        json_mutator(),
        ".json",
    ),
    Target("sizes", read_sizes, _texts("chrI\t3000\nchrII\t2000\n"), text_mutator(), ".sizes", structured=SIZE_FILES),
    Target("genome", _genome, _texts(FASTA), text_mutator((*BASES, b">", b">chrI")), ".fa", structured=FASTAS),
    Target(
        "regions_table",
        REGIONS.read,
        lambda: [_written(REGIONS)],
        text_mutator(),
        ".tsv",
    ),
    Target("hits", read_hits, lambda: [_written(HITS)], text_mutator(), ".bed"),
)
