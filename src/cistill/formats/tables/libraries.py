"""Files of `checklibraries`, `library` and `marginalize`."""

from cistill.formats import insert_footprints
from cistill.formats.deltas import LAYOUT as DELTA_LAYOUT
from cistill.formats.published import LIBRARY, ResultFile, ResultTable, columns_of

LIBRARIES = ResultTable(
    "libraries.tsv", "", "the affinity sheet, one row per library", "checklibraries", "",
    columns=columns_of("""
        tf text
        task text?
        library text
        table text?: path of the measurements
        reader text?
        reader_file text?
        generate text?: what to generate in place of a table
    """),
)  # fmt: skip
SEQUENCES = ResultTable(
    "library.tsv", "library", "sequences and what was measured of them", "library", LIBRARY, "library",
    columns=columns_of("""
        sequence text: upper case A, C, G, T; each once
        label float?: in the unit that `library.json` names; missing where nothing was measured
        label_sd float?: over replicates
        n_replicates int
        class text?: kind of variation
        name text?
    """),
)  # fmt: skip
SCORES = ResultTable(
    "scores.tsv", "marginalize", "score of every sequence and task with its standard error", "marginalize", LIBRARY,
    "scores",
    columns=columns_of("""
        +row int: place in the library; in the scores of a chunk alone
        sequence text: a row per sequence and task, in the library's order
        task text
        score float: change in predicted natural-log counts
        standard_error float?: missing for a single background
        sd_backgrounds float?: over backgrounds
        sd_networks float?: over networks; missing for a single one
        n_backgrounds int
    """),
)  # fmt: skip
INSERT_FOOTPRINTS = ResultTable(
    "footprints.tsv", "", "how far profiles with and without an insert are apart", "marginalize", LIBRARY,
    columns=columns_of("""
        sequence text
        task text
        js_distance float: Jensen-Shannon distance over both strands, base e
    """),
)  # fmt: skip
DELTAS = ResultFile(
    "deltas.h5", "", DELTA_LAYOUT.words, "marginalize --deltas", LIBRARY, layout=DELTA_LAYOUT
)  # fmt: skip
INSERT_PROFILES = ResultFile(
    "footprints.h5", "", insert_footprints.LAYOUT.words, "marginalize --footprints", LIBRARY,
    layout=insert_footprints.LAYOUT,
)  # fmt: skip
