"""What the result files of a TF are called, and the role that the report knows each by."""

import re

from cistill.formats.published import HEAD, LIBRARY, RUN, TF
from cistill.formats.tables import FILES

ANY = "any"
"""The name under which tables of hits count those of all motifs together."""


def _roles(prefix: str) -> dict[str, str]:
    """Return role to name of the files of a prefix."""
    return {file.role: file.name for file in FILES if file.role and file.prefix == prefix}


PER_TF = _roles(TF) | {"tuning_choice": "tuning.json"}
PER_HEAD = _roles(HEAD)
PER_LIBRARY = _roles(LIBRARY) | {
    "library_record": "library.json",
    "marginalize_record": "marginalize.json",
    "calibrate_record": "calibrate.json",
    "energies_record": "energies.json",
    "psam_record": "psam.json",
    "background_numbers_record": "background_numbers.json",
    "genomic_matches_record": "genomic_matches.json",
    "footprint_tables_record": "footprint_tables.json",
    "variation_record": "variation.json",
    "specificity_record": "specificity.json",
}
LIBRARY_RECORDS = tuple(role for role in PER_LIBRARY if role.endswith("_record"))
"""Roles of a library that are provenance."""
PER_RUN = _roles(RUN) | {"train": "train.json", "finetune": "finetuned.json"}
RUN_STAGES = ("train", "finetune")
"""Roles of a training run that are provenance."""
TABLES_OF_ONE = (set(PER_RUN) - set(RUN_STAGES)) | (set(PER_LIBRARY) - set(LIBRARY_RECORDS))
"""Roles of a training run or a library that are no provenance."""
RUN_FILE = re.compile(r"(?P<run>.+\.fold_.+\.restart_\d+)\.(?P<suffix>.+)")
LIBRARY_FILE = re.compile(r"(?P<library>[^.]+)\.(?P<suffix>[^.]+\.[^.]+)")
"""A library's name has no dot, so that it cannot be taken for another TF's."""
TRIAL_RECORD = re.compile(r"trial_\d+\.json")
COVERAGE = ".coverage.json"
TF_STAGES = (
    "dataset", "convert", "select", "predict", "shap", "merge", "collapse", "summarizehits", "pagemodel",
)  # fmt: skip
HEAD_STAGES = (
    "modisco",
    "unfiltered.callhits",
    "callhits",
    "filterhits",
    "comparehits",
    "methods.comparehits",
)
