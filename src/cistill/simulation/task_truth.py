"""What was planted in an experiment of several tasks, as tables: sites, cofactors, peaks with their bias."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.simulation.cofactors import COFACTORS, HOLD
from cistill.simulation.coverage_bias import Stretches
from cistill.simulation.energies import MAIN, PARTNER, RT, RULE, Binding, Floats
from cistill.simulation.peak_calling import HALF_WINDOW, MIN_RECRUITMENT
from cistill.simulation.planting import Planted
from cistill.simulation.reads import FOOTPRINTS, MOTIF_WIDTH, BoundSites
from cistill.simulation.settings import MultitaskSettings
from cistill.simulation.truth import CLASS_OCCUPANCY, describe_biology, describe_energies, site_table

SAME_LOCUS = 50  # bp between summits of different tasks
LISTED_COFACTOR = 0.1  # least occupancy in truth/cofactors.bed


def task_sites(
    chrom: str, bindings: Mapping[str, Binding], planted: list[Planted], depths: Mapping[str, float], listed: float
) -> pd.DataFrame:
    """Return the sites of one chromosome that recruit at least `listed` in any task.

    Parameters
    ----------
    chrom : str
        Its name.
    bindings : mapping of str to Binding
        Energies and occupancies per task.
    planted : list of Planted
        What was planted there.
    depths : mapping of str to float
        Expected tags of a fully occupied site per task, all replicates.
    listed : float
        Least recruitment, see `truth.site_table`.

    Returns
    -------
    pandas.DataFrame
        As `truth.site_table`, where name, score, occupancy and effective energy are those of the task in which the
        site is occupied most; `bound_in` (tasks with an occupancy of a `medium` site, comma-separated, `.` for none);
        and per task `occupancy_<task>` and `tags_<task>` (expected of all replicates, without bias).
    """
    energy = next(iter(bindings.values())).energy
    highest = {
        name: np.max([binding.occupancy[name] for binding in bindings.values()], axis=0)
        for name in (MAIN.name, PARTNER.name)
    }
    table = site_table(chrom, Binding(energy, highest), planted, listed, 1.0).drop(columns="expected_tags")
    strand, start = (table["strand"] == "-").to_numpy().astype(int), table["start"].to_numpy()
    is_main = (table["motif"] == MAIN.name).to_numpy()
    share = np.where(is_main, FOOTPRINTS[MAIN.name].recruitment, FOOTPRINTS[PARTNER.name].recruitment)
    occupancy = {
        task: np.where(is_main, *(binding.occupancy[name][strand, start] for name in (MAIN.name, PARTNER.name)))
        for task, binding in bindings.items()
    }
    bound = [
        [task for task in bindings if occupancy[task][row] >= CLASS_OCCUPANCY["medium"]] for row in range(len(table))
    ]
    table["bound_in"] = [",".join(tasks) or "." for tasks in bound]
    for task, values in occupancy.items():
        table[f"occupancy_{task}"] = values
        table[f"tags_{task}"] = depths[task] * share * values
    return table


def cofactor_sites(chrom: str, energies: Mapping[str, Floats], tasks: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Return the sites of cofactors on one chromosome that are occupied, alone, to at least `LISTED_COFACTOR`.

    Parameters
    ----------
    chrom : str
        Its name.
    energies : mapping of str to array, (2, length)
        ddG of each cofactor in kcal/mol.
    tasks : mapping of str to sequence of str
        The tasks whose cells have each cofactor.

    Returns
    -------
    pandas.DataFrame
        BED6 (score: 1000 times the occupancy) and `energy_kcal`, `occupancy`, `tasks`.
    """
    tables = []
    for name, energy in energies.items():
        occupancy = 1 / (1 + np.exp((energy - COFACTORS[name].mu) / RT))
        strand, start = np.nonzero(occupancy >= LISTED_COFACTOR)
        tables.append(
            pd.DataFrame(
                {
                    "chrom": chrom,
                    "start": start,
                    "end": start + COFACTORS[name].width,
                    "name": name,
                    "score": np.rint(1000 * occupancy[strand, start]).astype(int),
                    "strand": np.where(strand == 0, "+", "-"),
                    "energy_kcal": energy[strand, start].round(4),
                    "occupancy": occupancy[strand, start],
                    "tasks": ",".join(tasks[name]),
                }
            )
        )
    return pd.concat(tables).sort_values(["start", "name", "strand"], kind="stable")


def task_peaks(
    task: str,
    peaks: pd.DataFrame,
    chromosomes: Mapping[str, tuple[BoundSites, Floats, Stretches]],
    replicates: int,
    depth: float,
) -> pd.DataFrame:
    """Return the peaks of one task with what made them.

    Parameters
    ----------
    task : str
        Its name.
    peaks : pandas.DataFrame
        narrowPeak columns.
    chromosomes : mapping of str to (BoundSites, array, Stretches)
        The task's bound sites, their energies (kcal/mol) and the planted bias on each chromosome.
    replicates, depth : numbers
        ChIP read sets, and expected tags of a fully occupied site in each.

    Returns
    -------
    pandas.DataFrame
        `task, name, chrom, start, end, summit`; of the site within 100 bp of the summit that recruits most: `origin`
        (`site`, or `hotspot` if there is none), `motif, energy_kcal, occupancy`; `tags` (expected of all
        sites within 100 bp, all replicates, without bias); `bias, bias_plus, bias_minus` (the planted factor within
        100 bp of the summit: of both strands, of each).
    """
    tables = []
    for chrom, (sites, energies, stretches) in chromosomes.items():
        here = peaks[peaks["chrom"] == chrom]
        summit = (here["start"] + here["peak"]).to_numpy()
        factor = stretches.around(summit)
        made_by = [_strongest(sites, energies, at) for at in summit]
        tables.append(
            pd.DataFrame(
                {
                    "task": task,
                    "name": here["name"].to_numpy(),
                    "chrom": chrom,
                    "start": here["start"].to_numpy(),
                    "end": here["end"].to_numpy(),
                    "summit": summit,
                    "origin": ["site" if motif else "hotspot" for motif, *_ in made_by],
                    "motif": [motif or None for motif, *_ in made_by],
                    "energy_kcal": np.array([energy for _, energy, _, _ in made_by], dtype=float).round(4),
                    "occupancy": [occupancy for _, _, occupancy, _ in made_by],
                    "tags": [replicates * depth * recruitment for *_, recruitment in made_by],
                    "bias": factor.mean(axis=0),
                    "bias_plus": factor[0],
                    "bias_minus": factor[1],
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _strongest(sites: BoundSites, energies: Floats, summit: int) -> tuple[str, float, float, float]:
    """Return motif, energy and occupancy of the strongest site around a summit, and what all recruit there."""
    first, last = np.searchsorted(sites.start, (summit - HALF_WINDOW - MOTIF_WIDTH[MAIN.name], summit + HALF_WINDOW))
    if first == last or sites.recruitment[first:last].max() < MIN_RECRUITMENT:
        return "", np.nan, np.nan, 0.0
    best = first + int(np.argmax(sites.recruitment[first:last]))
    motif = str(sites.motif[best])
    occupancy = sites.recruitment[best] / FOOTPRINTS[motif].recruitment
    return motif, float(energies[best]), float(occupancy), float(sites.recruitment[first:last].sum())


def tasks_at(peaks: pd.DataFrame, tasks: Sequence[str]) -> list[str]:
    """Return, for every peak, the tasks that have one within `SAME_LOCUS` bp, comma-separated, itself included."""
    near = np.zeros((len(peaks), len(tasks)), dtype=np.bool_)
    chrom, summit = peaks["chrom"].to_numpy(), peaks["summit"].to_numpy()
    for column, task in enumerate(tasks):
        for name in np.unique(chrom):
            others = np.sort(summit[(chrom == name) & (peaks["task"] == task).to_numpy()])
            rows = np.flatnonzero(chrom == name)
            near[rows, column] = _distance(summit[rows], others) <= SAME_LOCUS
    return [",".join(task for task, found in zip(tasks, row, strict=True) if found) for row in near]


def _distance(places: NDArray[np.int64], others: NDArray[np.int64]) -> Floats:
    """Return the distance of every place to the nearest of others (sorted), infinite without any."""
    padded = np.concatenate([[-np.inf], others.astype(float), [np.inf]])
    after = np.searchsorted(padded, places)
    return np.minimum(places - padded[after - 1], padded[after] - places)


def describe_tasks(settings: MultitaskSettings) -> dict[str, Any]:
    """Return what truth.json says of an experiment of several tasks, without its numbers."""
    biology = describe_biology()
    where = {held.cofactor: list(held.tasks) for held in settings.held}
    biology["motifs"] |= {name: {**describe_energies(COFACTORS[name]), "tasks": where[name]} for name in where}
    rule = {"distance": RULE.distance, "orientation": "same", "energy_kcal": HOLD}
    return {**biology, "cofactor_rule": rule, "settings": asdict(settings)}
