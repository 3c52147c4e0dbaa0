"""Tables written by our own lines are byte for byte those that pandas writes."""

import io

import numpy as np
import pandas as pd
import pytest

from cistill.table_text import FLOAT_FORMAT, lines_of
from cistill.tables import write_table

RNG = np.random.default_rng(0)
NUMBERS = np.array([0.0, -0.0, 1.0, 1e-7, 123456.7, 1234567.8, 1e300, np.nan, np.inf, -np.inf, 1 / 3, 2.5e-5])
PLAIN = {
    "floats": pd.DataFrame({"a": NUMBERS, "b": NUMBERS[::-1]}),
    "missing": pd.DataFrame({"a": [np.nan] * 3, "b": ["x", "y", ""]}),
    "whole": pd.DataFrame({"a": [1, -2, 2**62], "b": np.array([1, 2, 3], dtype=np.uint8), "c": [True, False, True]}),
    "objects": pd.DataFrame({"a": pd.Series(["x", "y"], dtype=object)}),
    "lacking": pd.DataFrame({"a": pd.Series(["x", None, "y"], dtype="str"), "b": [1, 2, 3]}),
    "objects lacking": pd.DataFrame({"a": pd.Series(["x", None, np.nan], dtype=object), "b": [None] * 3}),
    "texts": pd.DataFrame({"a": ["chr1", "", "é β"], "b": ["a b", "a,b", "'"]}),
    "many": pd.DataFrame({"a": RNG.normal(size=150_000), "b": RNG.integers(0, 9, 150_000)}),
    "none": pd.DataFrame({"a": np.zeros(0), "b": pd.Series(dtype=object)}),
}
OTHER = {
    "quotes": pd.DataFrame({"a": ['say "x"', "t\tab", "l\nine"]}),
    "unknown": pd.DataFrame({"a": pd.Series(["x", pd.NA, ("y",)], dtype=object)}),
    "mixed": pd.DataFrame({"a": [1.23456789, "x", None]}),
    "single": pd.DataFrame({"a": NUMBERS[:6].astype(np.float32)}),
    "category": pd.DataFrame({"a": pd.Categorical(["x", "y", "x"])}),
    "nullable": pd.DataFrame({"a": pd.array([1, None], dtype="Int64")}),
    "empty line": pd.DataFrame({"a": ["", "x"]}),
}


def by_pandas(table: pd.DataFrame) -> str:
    handle = io.StringIO()
    table.to_csv(handle, sep="\t", index=False, float_format=FLOAT_FORMAT, na_rep="NA", lineterminator="\n")
    return handle.getvalue()


@pytest.mark.parametrize("name", [*PLAIN, *OTHER])
def test_a_table_is_written_as_pandas_writes_it(tmp_path, name):
    table = {**PLAIN, **OTHER}[name]
    write_table(tmp_path / "t.tsv", table)
    assert (tmp_path / "t.tsv").read_text() == by_pandas(table)


@pytest.mark.parametrize("name", PLAIN)
def test_plain_columns_need_no_pandas(name):
    assert lines_of(PLAIN[name]) is not None


@pytest.mark.parametrize("name", OTHER)
def test_other_columns_are_left_to_pandas(name):
    assert lines_of(OTHER[name]) is None
