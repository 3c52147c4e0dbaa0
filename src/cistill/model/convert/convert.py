"""What `convert` does, from files to files."""

from pathlib import Path

from cistill.data.splits import Split
from cistill.errors import InputError
from cistill.files import sha256
from cistill.model.convert.network_files import read_source
from cistill.model.ensemble import Ensemble, save_ensemble
from cistill.model.member import Member
from cistill.provenance import write_provenance

FOLD = "imported"


def convert(
    source: Path,
    form: str,
    tf: str,
    tasks: list[str],
    part: str | None,
    strands: str,
    input_length: int | None,
    kernel_factor: float,
    outdir: Path,
) -> None:
    """Read another program's network and write it as a model file of ours, with provenance.

    Parameters
    ----------
    tf : str
        Prefix of the output files.
    tasks : list of str
        Names of what it predicts; made from `tf` if empty.

    Raises
    ------
    InputError
        If the file cannot be converted, or the number of tasks is another.
    """
    form, converted = read_source(source, form, part, strands, input_length, kernel_factor)
    network = converted.network()
    number = network.config.tasks
    names = tasks or ([tf] if number == 1 else [f"{tf}_{i + 1}" for i in range(number)])
    if len(names) != number or len(set(names)) != number:
        raise InputError(f"{source}: the network predicts {number} task(s): give as many different names with --task")
    record = {
        "source": source.name,
        "sha256": sha256(source),
        "format": form,
        "strands_in_source": converted.strands,
        **converted.notes,
    }
    member = Member(network, names, FOLD, Split((), (), ()), record)
    outdir.mkdir(parents=True, exist_ok=True)
    save_ensemble(outdir / f"{tf}.model.safetensors", Ensemble(tf, names, [member], {"imported": record}))
    write_provenance(
        outdir / f"{tf}.convert.json",
        {
            "format": form,
            "part": part,
            "strands": converted.strands,
            "input_length": input_length,
            "kernel_factor": kernel_factor,
            "tasks": names,
        },
        {"source": source},
        {"network": network.config.to_json(), "parameters": sum(p.numel() for p in network.parameters())},
    )
