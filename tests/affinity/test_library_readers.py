"""Reading tables of in-vitro measurements: every reader that comes with the program, on a small table in its layout."""

import gzip
import json
import math
from pathlib import Path

import numpy as np
import pytest
import yaml
from jsonschema import Draft202012Validator

from cistill.affinity.tables.measurements import make_library
from cistill.affinity.tables.reader import load_reader
from cistill.affinity.tables.units import UNITS
from cistill.errors import InputError
from cistill.formats.library import Library

READERS = Path(__file__).resolve().parents[2] / "assets" / "readers"
PRIMER = "GTCTTGATTCGCTTGACGCTGCTG"


def read(folder: Path, text: str, reader: str, name: str = "table.txt") -> Library:
    """Write a table and read it."""
    file = folder / name
    if name.endswith(".gz"):
        file.write_bytes(gzip.compress(text.encode()))
    else:
        file.write_text(text)
    return make_library(file, load_reader(reader, READERS))


def probes(number: int, length: int = 36) -> list[str]:
    """Return different sequences."""
    rng = np.random.default_rng(number)
    return ["".join(rng.choice(list("ACGT"), length)) for _ in range(number)]


def labels(library: Library) -> dict[str, float]:
    return dict(zip(library.table["sequence"], library.labels.tolist(), strict=True))


@pytest.mark.parametrize("file", sorted(READERS.glob("*.yml")), ids=lambda file: file.stem)
def test_every_reader_fits_the_schema(file: Path) -> None:
    content = yaml.safe_load(file.read_text())
    assert content["description"].strip()
    given = "".join(f":{name}=x" for name, value in content.get("parameters", {}).items() if value is None)
    reader = load_reader(f"{file.stem}{given}", READERS)
    assert reader.unit is None or reader.unit in UNITS


def test_the_schema_of_readers_is_one() -> None:
    Draft202012Validator.check_schema(json.loads((READERS / "reader.schema.json").read_text()))


def test_yeast_gcpbm_averages_the_logarithms_of_replicate_spots(tmp_path: Path) -> None:
    given = probes(6)
    rows = ["Column\tRow\tName\tID\tSequence\tFlag\tIntensity"]
    for number, sequence in enumerate(given):
        rows.append(f"1\t{number}\tp\tid\t{sequence}{PRIMER}\t0\t{math.exp(number + 1)}")
    rows.append(f"2\t0\tp\tid\t{given[0]}{PRIMER}\t0\t{math.exp(3)}")  # a second spot of the first probe
    rows.append(f"2\t1\tp\tid\t_\t0\t{math.exp(9)}")
    library = read(tmp_path, "\n".join(rows) + "\n", "gcpbm_yeast", "spots.txt.gz")
    assert library.unit == "ln intensity"
    assert library.higher_is_tighter is True
    assert labels(library) == pytest.approx(dict(zip(given, [2.0, 2.0, 3.0, 4.0, 5.0, 6.0], strict=True)))
    first = library.table.iloc[0]
    assert (first["n_replicates"], first["label_sd"]) == (2, pytest.approx(math.sqrt(2)))
    assert library.notes["rows without a sequence"] == 1
    assert library.notes["sequences with replicates, averaged"] == 1


def test_yeast_gcpbm_medians_keep_the_number_of_spots(tmp_path: Path) -> None:
    given = probes(5)
    rows = ["Sequence,count,median"] + [f"{sequence}{PRIMER},{n + 3},{10**n}" for n, sequence in enumerate(given)]
    library = read(tmp_path, "\n".join(rows), "gcpbm_yeast_median")
    assert library.table["n_replicates"].tolist() == [3, 4, 5, 6, 7]
    assert library.labels == pytest.approx([n * math.log(10) for n in range(5)])


def test_human_gcpbm_takes_the_column_of_the_protein(tmp_path: Path) -> None:
    given = probes(5)
    rows = ["ID\tSequence\tMax\tMyc"] + [f"x\t{s}\t{n}.5\t{9 - n}" for n, s in enumerate(given)]
    library = read(tmp_path, "\n".join(rows), "gcpbm_human:protein=Max")
    assert library.labels.tolist() == [0.5, 1.5, 2.5, 3.5, 4.5]
    assert library.unit == "log-normalised intensity"


def test_human_gcpbm_without_a_header(tmp_path: Path) -> None:
    given = probes(5)
    library = read(tmp_path, "".join(f"{s}\t{n}\n" for n, s in enumerate(given)), "gcpbm_human_pairs")
    assert labels(library) == dict(zip(given, [0, 1, 2, 3, 4], strict=True))


def test_betseq_flanks_are_put_around_the_core(tmp_path: Path) -> None:
    flanks = probes(5, 10)
    rows = ["flank\tprotein\tNN_ddG\tintercept\tslope\tscaled_ddG\tscaled_dG"]
    rows += [f"{flank}\t{protein}\t0\t0\t0\t{n + shift}\t0" for protein, shift in (("Cbf1", 0.5), ("Pho4", 0.0))
             for n, flank in enumerate(flanks)]  # fmt: skip
    library = read(tmp_path, "\n".join(rows), "betseq:protein=Pho4")
    expected = {flank[:5] + "CACGTG" + flank[5:]: float(n) for n, flank in enumerate(flanks)}
    assert labels(library) == expected
    assert (library.unit, library.temperature, library.higher_is_tighter) == ("kcal/mol", 295, False)
    assert library.notes["rows filtered out by column protein"] == 5


def test_betseq_with_a_column_for_each_protein(tmp_path: Path) -> None:
    flanks = probes(5, 10)
    rows = ["flank,Cbf1_ddG,Pho4_ddG"] + [f"{flank},{n},-{n}" for n, flank in enumerate(flanks)]
    library = read(tmp_path, "\n".join(rows), "betseq_flanks:protein=Pho4")
    assert library.labels.tolist() == [0, -1, -2, -3, -4]


def test_mitomi_oligos_drop_ambiguous_letters_and_keep_the_sd(tmp_path: Path) -> None:
    given = probes(6)
    given[5] = "Y" + given[5][1:]
    rows = ["New_title,Category,Sequence,Pho4_ddG_mean,Pho4_ddG_sd"]
    rows += [f"o{n},repeat,CGC{s}GTCCGGCGGTATGAC,{n},0.{n}" for n, s in enumerate(given)]
    library = read(tmp_path, "\n".join(rows), "mitomi_ddg:protein=Pho4")
    assert library.table["sequence"].str.len().tolist() == [54] * 5
    assert library.table["label_sd"].tolist() == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert library.table["name"].tolist() == ["o0", "o1", "o2", "o3", "o4"]
    assert library.notes["rows with letters other than A, C, G, T"] == 1


def test_glucocorticoid_receptor_oligos_are_cut_to_the_site_and_three_bases(tmp_path: Path) -> None:
    inner = probes(5, 22)
    rows = ["Oligo,Kd_mean,Kd_sdev,ddG,Motif,Sequence"]
    rows += [f"{n},1,1,{n / 2},GR_{n % 2},cgcaattgcga{s.lower()}accttcctctccggcggtatgac" for n, s in enumerate(inner)]
    library = read(tmp_path, "\n".join(rows), "mitomi_gr")
    assert labels(library) == dict(zip(inner, [0, 0.5, 1, 1.5, 2], strict=True))
    assert library.table["class"].tolist() == ["GR_0", "GR_1", "GR_0", "GR_1", "GR_0"]


def test_a_psam_becomes_its_best_sequence_and_the_single_substitutions(tmp_path: Path) -> None:
    text = ",1,2\nA,1,0.1\nC,0.5,1\nG,0.25,0.2\nT,0.1,0.5\n"
    library = read(tmp_path, text, "psam", "factor.csv")
    rt = 1.9872036e-3 * 298.15
    expected = {"AC": 0.0, "CC": -rt * math.log(0.5), "GC": -rt * math.log(0.25), "TC": -rt * math.log(0.1)}
    expected |= {"AA": -rt * math.log(0.1), "AG": -rt * math.log(0.2), "AT": -rt * math.log(0.5)}
    assert labels(library) == pytest.approx(expected, rel=1e-5, abs=1e-9)
    assert library.table["class"].tolist() == ["consensus"] + ["substitution_1"] * 6


def test_upbm_8mers_give_e_scores_or_ln_medians(tmp_path: Path) -> None:
    given = probes(5, 8)
    rows = ["8-mer\t8-mer\tE-score\tMedian\tZ-score"]
    rows += [f"{s}\tNNNNNNNN\t0.{n}\t{10**n}\t{n}" for n, s in enumerate(given)]
    text = "\n".join(rows)
    library = read(tmp_path, text, "upbm_8mers")
    assert (library.unit, library.labels.tolist()) == ("E-score", pytest.approx([0, 0.1, 0.2, 0.3, 0.4]))
    assert read(tmp_path, text, "upbm_8mers:label=Z-score:unit=Z-score").unit == "Z-score"
    medians = read(tmp_path, text, "upbm_8mers_median")
    assert medians.labels == pytest.approx([n * math.log(10) for n in range(5)])


def test_plain_tables_of_any_columns_and_units(tmp_path: Path) -> None:
    given = probes(5, 12)
    text = "site\tdG\tclass\n" + "".join(f"{s}\t{n}\tlow\n" for n, s in enumerate(given))
    library = read(tmp_path, text, "tsv:sequence=site:label=dG:unit=RT")
    assert (library.unit, library.labels.tolist()) == ("RT", [0, 1, 2, 3, 4])
    assert set(library.table["class"]) == {"low"}
    comma = "sequence,label\n" + "".join(f"{s},{n}\n" for n, s in enumerate(given))
    assert read(tmp_path, comma, "csv").labels.tolist() == [0, 1, 2, 3, 4]
    energies = "sequence\tddG\n" + "".join(f"{s}\t{n}\n" for n, s in enumerate(given))
    assert read(tmp_path, energies, "energies").higher_is_tighter is False


def test_sequences_alone_have_no_labels(tmp_path: Path) -> None:
    fasta = read(tmp_path, ">one first\nACGT\nAC\n>two\nGGGG\n", "fasta", "some.fa")
    assert fasta.table[["sequence", "name"]].to_numpy().tolist() == [["ACGTAC", "one"], ["GGGG", "two"]]
    assert (fasta.unit, np.isnan(fasta.labels).all()) == (None, True)
    assert read(tmp_path, "sequence\nacgu\n", "sequences").table["sequence"].tolist() == ["ACGT"]


def test_planted_energies_have_the_classes_of_their_mismatches(tmp_path: Path) -> None:
    rows = ["variant\tmismatches\tddg_kcal\tadditive_kcal", "AAAA\t0\t0\t0"]
    rows += [f"{s}\t{m}\t{m}\t9" for s, m in (("CAAA", 1), ("CCAA", 2), ("GAAA", 1), ("GCAA", 2))]
    library = read(tmp_path, "\n".join(rows), "simulated_energies")
    assert library.table["class"].tolist() == ["consensus"] + ["substitution_1", "substitution_2"] * 2
    assert library.labels.tolist() == [0, 1, 2, 1, 2]


def test_a_reader_of_ones_own(tmp_path: Path) -> None:
    content = {
        "assay": "mine",
        "format": {"separator": "semicolon", "comment": "#", "skip_rows": 1},
        "sequence": {"column": 2, "slice": [1, -1]},
        "label": {"column": "K", "unit": "ln intensity", "higher_is_tighter": True, "transform": "log10_to_ln",
                  "missing": ["low"]},
        "class": {"rules": [{"pattern": "AA$", "class": "tail"}], "default": "rest"},
        "filters": [{"column": "used", "in": [1]}],
    }  # fmt: skip
    (tmp_path / "mine.yml").write_text(yaml.safe_dump(content))
    rows = ["anything", "# a comment", "used;seq;K"]
    rows += [f"1;G{s}G;{n}" for n, s in enumerate(("CCAA", "CCCC", "GCGC", "TTTT", "TAAA"))]
    rows += ["0;GACGTG;1", "1;GACGAG;low", "1;GACTAG;NA"]
    library = read(tmp_path, "\n".join(rows), str(tmp_path / "mine.yml"))
    assert library.table["class"].tolist() == ["tail", "rest", "rest", "rest", "tail"]
    assert library.labels == pytest.approx([n * math.log(10) for n in range(5)])
    assert library.notes["rows without a value"] == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sequenze": {}}, "unknown key sequenze; did you mean 'sequence'?"),
        ({"label": {"column": "x", "unit": "kcal", "higher_is_tighter": True}}, "unknown unit 'kcal'"),
        ({"label": {"column": "x", "unit": "RT"}}, "label.higher_is_tighter is missing"),
        ({"format": {"separator": "|"}}, "format.separator: '|' is none of tab, comma"),
        ({"class": {"rules": [{"pattern": "(", "class": "x"}]}}, "not a regular expression"),
    ],
)
def test_a_broken_reader_is_named_with_its_place(tmp_path: Path, change: dict[str, object], message: str) -> None:
    file = tmp_path / "mine.yml"
    file.write_text(yaml.safe_dump({"assay": "a", "sequence": {"column": 1}, **change}))
    with pytest.raises(InputError, match=r"mine\.yml") as raised:
        load_reader(str(file), READERS)
    assert message in str(raised.value)


def test_readers_and_parameters_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean gcpbm_human"):
        load_reader("gcpbm_humn", READERS)
    with pytest.raises(InputError, match="protein must be given, as in betseq:protein"):
        load_reader("betseq", READERS)
    with pytest.raises(InputError, match="its parameters are: sequence, label, unit"):
        load_reader("tsv:labels=x", READERS)
