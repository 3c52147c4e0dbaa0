"""Result files of made-up runs, each written once, and copies of them that a test may spoil."""

import json
import shutil

import pytest
from report_pages import remove, report
from synthetic_affinity_files import write_affinity
from synthetic_interpretation_files import write_interpretation, write_shap
from synthetic_regions import TF
from synthetic_report_files import write_published, write_results
from synthetic_training_files import Training

from cistill.report.drawing import chart_store

MANY = Training(tuple(str(number) for number in range(10)), 3, True, True, 16, ("OTHER.fold_3.restart_1",))


@pytest.fixture(scope="session", autouse=True)
def charts_drawn_once():
    """Draw charts that many tests' pages share only once."""
    draw, drawn = chart_store.still, {}

    def remembered(spec, theme, prefix):
        key = json.dumps([spec, prefix])
        if key not in drawn:
            drawn[key] = draw(spec, theme, prefix)
        return drawn[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chart_store, "still", remembered)
        yield


@pytest.fixture(scope="session")
def plain_results(tmp_path_factory):
    """One training of one fold, motifs and hits of both heads, known sites, the simulator's truth."""
    return write_results(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="session")
def interpreted_results(tmp_path_factory):
    """With merged motifs, statistics of hits, callers compared; without the large files."""
    folder = write_results(tmp_path_factory.mktemp("interpreted"))
    write_interpretation(folder)
    remove(folder, "*.attributions.h5", "*.predictions.h5")
    return folder


@pytest.fixture(scope="session")
def published_results(tmp_path_factory):
    """Files of one training, in the folders that the pipeline publishes them in, tables with all their columns."""
    folder = write_results(tmp_path_factory.mktemp("flat"))
    write_shap(folder)
    return write_published(folder, tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="session")
def affinity_results(tmp_path_factory):
    """With a measured library and every analysis of it; without the large files."""
    folder = write_results(tmp_path_factory.mktemp("affinity"))
    write_affinity(folder)
    remove(folder, "*.attributions.h5", "*.predictions.h5", "*.dataset.h5")
    return folder


@pytest.fixture(scope="session")
def folded_results(tmp_path_factory):
    """Two folds, two restarts each, fine-tuned, after a search."""
    return write_results(tmp_path_factory.mktemp("folded"), (TF,), Training(("0", "1"), 2, False, True, 5))


@pytest.fixture(scope="session")
def many_results(tmp_path_factory):
    """Ten folds, three restarts, two tasks, each also alone, fine-tuned, after a search."""
    return write_results(tmp_path_factory.mktemp("many"), (TF, "OTHER"), MANY)


@pytest.fixture(scope="session")
def many_report(many_results, tmp_path_factory):
    """The page of `many_results` as read back, its summary and its text."""
    return report(many_results, tmp_path_factory.mktemp("page"))


@pytest.fixture
def template(plain_results):
    """What `folder` is a copy of; a module of tests may say otherwise."""
    return plain_results


@pytest.fixture
def folder(template, tmp_path):
    """A copy of result files that a test may spoil."""
    return shutil.copytree(template, tmp_path / "results")
