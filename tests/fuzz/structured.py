"""Whole files made by hypothesis: columns, numbers, names, quotes, delimiters and encodings as writers vary them."""

import gzip
from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Row = Sequence[str]
ODD_NUMBERS = (
    "1e3", "1E+05", "1000.0", "1,000", "1.000,5", "-0.0", "+1", " 7", "0007", "1_0", "NA", "nan", "inf", "-inf", "",
    "-", "1e400", "-1", "9" * 25, "9" * 5000, "0x1F", "\u0663", "2\u00a0000", "1/2", "<0.1", "3 ", "1.5.2", "\u22121.5",
    "50%", "1e-320", "(1)", "[", "1]",
)  # fmt: skip
ODD_NAMES = (
    "", " ", "a b", "na\u00efve", "\u03b1", "x" * 300, 'say "x"', "it's", "a,b", "a;b", "a|b", "a/b", "..", "../up",
    "-rf", "#1", "NA", "None", "\ufeffx", "x\u200b", "CON", "=1+1", "chr1:5-9", "a\tb", "*", "%s", "{x}", "$HOME",
    "\u202ex",
)  # fmt: skip
ENCODINGS = ("utf-8",) * 12 + ("utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252", "utf-32", "ascii")


def few_odd(usual: Sequence[str], odd: Sequence[str], one_in: int = 12) -> SearchStrategy[str]:
    """Return mostly the usual, now and then something odd: one choice a cell, since choices are what a file costs."""
    times = max(1, round((one_in - 1) * len(odd) / len(usual)))
    return st.sampled_from((*usual * times, *odd))


def numbers(least: int, most: int) -> SearchStrategy[str]:
    """Return whole numbers, some of them odd."""
    step = max(1, (most - least) // 40)
    return few_odd([str(value) for value in range(least, most + 1, step)], ODD_NUMBERS)


REALS = few_odd([f"{value / 7:.4g}" for value in range(-300, 300, 17)], ODD_NUMBERS)
SHARES = few_odd(
    ["0", "0.001", "0.01", "0.097", "0.1", "0.2", "0.25", "0.3", "0.4", "0.5", "0.997", "1"], ODD_NUMBERS, 40
)
NAMES = few_odd(["a", "b", "REB1", "GCN4", "exo", "x_1", "Z-9", "m.2", "01", "TTACCCG"], ODD_NAMES)
BASES = few_odd(
    [
        *("ACGTACGT", "TTACCCGA", "GGGGGGGG", "CACGTGAA", "ACGTAC", "TTTTACCCGGAA", "GATTACAG", "CCCCAAAA"),
        *("AAAAAAAA", "ACACACAC", "TTACCCGC", "GTGACTCA"),
    ],
    ("acgtac", "ACGUNN", "AC GT", "", "N" * 50, "ACGT" * 400, "\u0410CGT"),
)
CHROMS = few_odd(["chrI", "chrII", "chrIII", "chrM"], ("1", "I", "chrUn_x", "", "CHRI", "chrI ", "chr*"))
STRANDS = few_odd(["+", "-", "."], ("", "1", "-1", "F", "*", "++"), 30)


def rows_of(*columns: SearchStrategy[str], most: int = 6) -> SearchStrategy[list[list[str]]]:
    """Return some rows; seldom one has a cell too many or too few, or stands there twice."""

    def changed(rows: list[list[str]], kind: int) -> list[list[str]]:
        if rows and kind == 1:
            rows[-1] = rows[-1][:-1]
        elif rows and kind == 2:
            rows[0] = [*rows[0], "more"]
        elif rows and kind == 3:
            rows = [*rows, rows[0]]
        return rows

    return st.builds(changed, st.lists(st.tuples(*columns).map(list), max_size=most), st.integers(0, 19))


@st.composite
def written(
    draw: st.DrawFn,
    rows: SearchStrategy[list[list[str]]],
    delimiters: Sequence[str] = ("\t",),
    before: Sequence[str] = ("",),
) -> bytes:
    """Return rows as a text file: delimiter, quotes, line ends, encoding, compression, a line before.

    Parameters
    ----------
    rows : strategy of rows
    delimiters : sequence of str
        The usual ones; one file in ten has another.
    before : sequence of str
        Lines that may stand above.
    """
    table = draw(rows)
    delimiter = draw(st.sampled_from((*delimiters * (60 // len(delimiters)), "\t", ",", ";", " ", "|", "  ")))
    quotes = draw(st.sampled_from(("no", "no", "no", "needed", "needed", "all", "wrong")))
    end = draw(st.sampled_from(("\n",) * 8 + ("\r\n", "\r\n", "\r", "\n\n", "\x0b", "\u2028")))

    def cell(text: str) -> str:
        if quotes == "all" or (quotes == "needed" and (delimiter in text or '"' in text)):
            return '"' + text.replace('"', '""') + '"'
        return f'"{text}' if quotes == "wrong" and " " in text else text

    lines = [*(line for line in draw(st.sampled_from(before)).split("\n") if line)]
    lines += [delimiter.join(map(cell, row)) for row in table]
    return encoded(draw, end.join(lines) + draw(st.sampled_from((end, end, end, "", end * 3, "\x1a", "\x00"))))


def encoded(draw: st.DrawFn, text: str) -> bytes:
    """Return a text in one of the encodings of writers, sometimes compressed."""
    content = text.encode(draw(st.sampled_from(ENCODINGS)), "replace")
    return gzip.compress(content, 1, mtime=0) if draw(st.integers(0, 19)) == 19 else content


def with_header(names: Sequence[str], *columns: SearchStrategy[str]) -> SearchStrategy[list[list[str]]]:
    """Return rows below the names of their columns, which seldom are in another order, doubled, renamed or gone."""

    def joined(rows: list[list[str]], order: list[int], kind: int) -> list[list[str]]:
        header = list(names)
        if kind < 6:  # another order of all columns
            header = [header[i] for i in order]
            rows = [[row[i] for i in order] if len(row) == len(order) else row for row in rows]
        elif kind == 6:
            header[order[0]] = header[order[0]].upper()
        elif kind == 7:
            header[order[0]] = header[order[-1]]
        elif kind == 8:
            header = [f" {name} " for name in header]
        elif kind == 9:
            header = []
        elif kind == 10:
            header = [*header, "notes"]
            rows = [[*row, "x"] for row in rows]
        return [header, *rows] if header else rows

    return st.builds(joined, rows_of(*columns), st.permutations(range(len(names))), st.integers(0, 29))


FILES = few_odd(["a.bam", "b.bam", "p.bed", ""], (*ODD_NAMES, "s3://x/a.bam", "C:\\a.bam", "~/a.bam", "a.sam"))
SHEETS = written(
    with_header(("tf", "task", "bam", "peaks", "control_bam"), NAMES, NAMES, FILES, FILES, FILES), (",", "\t", ";")
)
GENERATED = [
    f"generate:{kind}:{given}"
    for kind in ("kmers", "substitutions", "spacers", "repeats", "pattern")
    for given in ("2", "TTACCCG", "TTA:CCG:0-3", "NNRT", "2:A", "-1", "", "TTA:1:2:3:4", "0-9", "acg", "1e3", "A:B")
]
LIBRARIES = written(
    with_header(
        ("tf", "task", "library", "file", "reader"),
        few_odd(["REB1", "GCN4"], ODD_NAMES),
        few_odd(["exo", ""], ODD_NAMES),
        NAMES,
        FILES,
        few_odd(GENERATED, (*ODD_NAMES, "tsv", "fasta", "generate", "sequences:column=1")),
    ),
    (",", "\t", ";"),
)
TRACKS = ("", "", "", "track name=x", "browser position chrI:1-9\n# c", "chrom\tstart\tend", "#chr\tstart\tend")
SPANS = (CHROMS, numbers(0, 900), numbers(900, 2000))
BEDS = written(
    st.one_of(
        rows_of(*SPANS),
        rows_of(*SPANS, NAMES, numbers(0, 1000), STRANDS),
        rows_of(*SPANS, NAMES, numbers(0, 1000), STRANDS, REALS, REALS, REALS, numbers(-1, 80)),
    ),
    ("\t", "\t", "\t", " "),
    TRACKS,
)
HEADED_MATRIX = st.tuples(NAMES, st.lists(st.tuples(SHARES, SHARES, SHARES, SHARES), max_size=6))


@st.composite
def motif_files(draw: st.DrawFn) -> bytes:
    """Return matrices as one of the programs writes them."""
    motifs = draw(st.lists(HEADED_MATRIX, max_size=3))
    kind = draw(st.sampled_from(("meme", "jaspar", "pfm", "homer", "transfac", "cisbp", "uniprobe")))
    gap = draw(st.sampled_from((" ", " ", "\t", "  ")))
    parts = ["MEME version 4\n\nALPHABET= ACGT\n" if kind == "meme" else ""]
    for name, rows in motifs:
        across = [[row[i] for row in rows] for i in range(4)]
        body = "\n".join(gap.join(row) for row in rows)
        if kind == "meme":
            width = draw(st.sampled_from((len(rows), len(rows), len(rows), len(rows) + 1, "x")))
            parts.append(f"MOTIF {name}\nletter-probability matrix: alength= 4 w= {width} nsites= 20 E= 0\n{body}\n")
        elif kind == "jaspar":
            lines = (f"{base} [ {gap.join(row)} ]" for base, row in zip("ACGT", across, strict=True))
            parts.append(f">MA1.1 {name}\n" + "\n".join(lines) + "\n")
        elif kind == "pfm":
            parts.append(f">{name}\n" + "\n".join(map(gap.join, across)) + "\n")
        elif kind == "homer":
            parts.append(f">TTACCCG\t{name}\t6.05\t-10\n{body}\n")
        elif kind == "transfac":
            lines = (f"{i:02}{gap}{gap.join(row)}{gap}N" for i, row in enumerate(rows, 1))
            parts.append(f"AC  M1\nXX\nID  {name}\nXX\nP0 A C G T\n" + "\n".join(lines) + "\nXX\n//\n")
        elif kind == "cisbp":
            lines = (f"{i}\t" + "\t".join(row) for i, row in enumerate(rows, 1))
            parts.append(f"TF\t{name}\nMotif\tM1\nPos\tA\tC\tG\tT\n" + "\n".join(lines) + "\n")
        else:
            lines = (f"{base}:{gap}{gap.join(row)}" for base, row in zip("ACGT", across, strict=True))
            parts.append(f"{name}\n" + "\n".join(lines) + "\n")
    return encoded(draw, "".join(parts))


MEASURED = with_header(("sequence", "ddG", "class"), BASES, REALS, NAMES)
FASTAS = written(rows_of(NAMES.map(lambda name: f">{name}"), BASES, BASES), ("\n",))
MEASURED_TAB, MEASURED_COMMA = written(MEASURED, ("\t",), ("", "", "# c")), written(MEASURED, (",",), ("", "", "# c"))
INSERTS = st.one_of(MEASURED_TAB, MEASURED_COMMA, FASTAS)
LABELLED = written(
    with_header(
        ("sequence", "label", "label_sd", "n_replicates", "class", "name"),
        *(BASES, REALS, REALS, numbers(0, 5), NAMES, NAMES),
    )
)
PSAMS = written(
    st.lists(st.tuples(SHARES, SHARES, SHARES, SHARES), max_size=6).map(
        lambda rows: [
            ["", *map(str, range(1, len(rows) + 1))],
            *([base, *(row[i] for row in rows)] for i, base in enumerate("ACGT")),
        ]
    ),
    (",",),
)
SIZES = written(rows_of(CHROMS, numbers(1, 3000)), ("\t",))
OF_FORMAT = ("", "", ", comment: '#'", ", skip: 1", ", header: false", ", decimal: ','", ", x: 1")
OF_SEQUENCE = ("", "", ", slice: [1, -1]", ", slice: [9, 2]", ", prefix: AC", ", suffix: N", ", length: 8")
OF_LABEL = ("", "", ", transform: ln", ", transform: log10", ", transform: sqrt", ", sd: class")
BETWEEN = b"\n%%% table\n"
"""Between a reader of tables and a table, in one file of a case."""


@st.composite
def tables_with_reader(draw: st.DrawFn) -> bytes:
    """Return a description of a table (YAML), and a table."""
    name = st.sampled_from(("sequence", "ddG", "class", "1", "2", "3", "-1", "'no such'", "0", "null"))
    lines = [f"assay: {draw(st.sampled_from(('x', '1', '[a]', chr(34) + 'y' + chr(34))))}"]
    form = draw(st.sampled_from(("tab", "tab", "comma", "semicolon", "space", "9")))
    lines.append(f"format: {{separator: {form}{draw(st.sampled_from(OF_FORMAT))}}}")
    lines.append(f"sequence: {{column: {draw(name)}{draw(st.sampled_from(OF_SEQUENCE))}}}")
    unit = draw(st.sampled_from(("kcal/mol", "arbitrary", "kJ/mol", "", "nM")))
    tighter = draw(st.sampled_from(("true", "false", "true", "false", "yes", "1", "null")))
    if draw(st.integers(0, 5)):
        more = draw(st.sampled_from(OF_LABEL))
        lines.append(f"label: {{column: {draw(name)}, unit: {unit}, higher_is_tighter: {tighter}{more}}}")
    if draw(st.booleans()):
        lines.append(f"class: {{column: {draw(name)}}}")
    return "\n".join(lines).encode() + BETWEEN + draw(st.one_of(MEASURED_TAB, MEASURED_TAB, MEASURED_COMMA))
