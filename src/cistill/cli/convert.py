"""Read another program's network into a model file, or write ours for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.errors import InputError
from cistill.files import require_file

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    source: Annotated[
        Path | None, typer.Option(help="A network of another program: .h5 (Keras), .torch, .pt or .safetensors.")
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="auto, bpnetlite, chrombpnet, motif_discovery, basepairmodels or affinity_distillation.",
        ),
    ] = "auto",
    tf: Annotated[str | None, typer.Option(help="Prefix of the output files; the source's name by default.")] = None,
    task: Annotated[
        str | None, typer.Option(help="Names of what the network predicts, comma-separated; from --tf by default.")
    ] = None,
    part: Annotated[
        str | None, typer.Option(help="Which network, where the source holds several (ChromBPNet with its bias).")
    ] = None,
    strand_order: Annotated[
        str,
        typer.Option(
            "--strand_order",
            help="Order of the strands in the source: plus_minus, minus_plus, or auto, the format's usual one.",
        ),
    ] = "auto",
    input_length: Annotated[
        int | None,
        typer.Option("--input_length", min=1, help="bp of sequence for bpnet-lite, whose files do not say it; 2114."),
    ] = None,
    kernel_factor: Annotated[
        float,
        typer.Option(
            "--kernel_factor",
            help="What layers of Affinity Distillation multiply their convolutions by; 2 in all published files.",
        ),
    ] = 2.0,
    model: Annotated[Path | None, typer.Option(help="Instead of --source: a model.safetensors of ours.")] = None,
    export: Annotated[str | None, typer.Option(help="With --model: write it as torch (plain weights) or onnx.")] = None,
    member: Annotated[
        int | None,
        typer.Option(min=1, help="With --model: number of one network, from 1; all by default."),
    ] = None,
    outdir: Annotated[Path, typer.Option(help="Where to write.")] = Path(),
) -> None:
    """Read another program's network into a model file, or write ours for other programs.

    Reading writes {tf}.model.safetensors and {tf}.convert.json; --export torch writes {tf}.member_{n}.state.pt,
    --export onnx {tf}.member_{n}.onnx, each with {tf}.member_{n}.network.json, and {tf}.export.json.
    """
    if (source is None) == (model is None):
        raise InputError("give either --source, a network to read, or --model, one of ours to write")
    if (model is None) != (export is None):
        raise InputError("--model and --export go together")
    if model is not None and export is not None:
        require_file(model, "model")
        from cistill.model.export_networks import export_networks

        export_networks(model, export, member, outdir)
    elif source is not None:
        from cistill.model.convert.convert import convert

        names = [name.strip() for name in task.split(",")] if task else []
        name = tf or source.name.split(".")[0]
        convert(source, form, name, names, part, strand_order, input_length, kernel_factor, outdir)
