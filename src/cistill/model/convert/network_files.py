"""The formats that are read, and which one a file is in."""

import os
from pathlib import Path

import h5py

from cistill.errors import InputError
from cistill.files import require_file
from cistill.formats.foreign import expecting
from cistill.model.convert import affinity_distillation, basepairmodels, chrombpnet, motif_discovery
from cistill.model.convert.bpnet_lite import read_bpnet_lite
from cistill.model.convert.converted import Converted
from cistill.model.convert.keras_file import read_keras

KERAS = {
    "chrombpnet": chrombpnet,
    "motif_discovery": motif_discovery,
    "basepairmodels": basepairmodels,
    "affinity_distillation": affinity_distillation,
}
FORMATS = ("auto", "bpnetlite", *KERAS)
STRAND_ORDERS = ("auto", "plus_minus", "minus_plus")


def read_source(
    path: str | os.PathLike[str],
    form: str = "auto",
    part: str | None = None,
    strands: str = "auto",
    input_length: int | None = None,
    kernel_factor: float = 2.0,
) -> tuple[str, Converted]:
    """Read another program's network.

    Parameters
    ----------
    path : path
        Its file.
    form : str
        One of `FORMATS`; `auto` tells by the content.
    part : str, optional
        Which network, where the file holds several.
    strands : str
        Order of the strands in the file, one of `STRAND_ORDERS`; `auto` is the format's usual one.
    input_length : int, optional
        Length of the sequence in bp, for networks of bpnet-lite, whose files do not say it.
    kernel_factor : float
        What the layers of an Affinity Distillation network multiply their convolutions by.

    Returns
    -------
    str, Converted
        The format, and the network in our terms.

    Raises
    ------
    InputError
        If the file is in none of the formats, or holds what our networks cannot represent.
    """
    for value, allowed, name in ((form, FORMATS, "format"), (strands, STRAND_ORDERS, "strand order")):
        if value not in allowed:
            raise InputError(f"unknown {name} {value!r}: use one of {', '.join(allowed)}")
    file = Path(path)
    if not file.is_dir():
        require_file(file, "source")
    with expecting("a network that can be converted", file):
        if form == "bpnetlite" or (form == "auto" and file.is_file() and not h5py.is_hdf5(file)):
            form, converted = "bpnetlite", read_bpnet_lite(file, part, input_length)
        else:
            if input_length is not None:
                raise InputError("--input_length is for networks of bpnet-lite; Keras files say their own")
            form, converted = _from_keras(file, form, part, kernel_factor)
    if strands != "auto":
        converted.strands = strands
    return form, converted


def _from_keras(file: Path, form: str, part: str | None, kernel_factor: float) -> tuple[str, Converted]:
    """Return the format of a Keras file and its network."""
    model = read_keras(file, part)
    if form == "auto":
        form = next((name for name, reader in KERAS.items() if reader.matches(model)), "")
        if not form:
            some = ", ".join(f"{layer.name} ({layer.kind})" for layer in list(model.layers.values())[:6])
            raise InputError(
                f"{file}: a Keras network of none of the formats {', '.join(KERAS)}; its layers begin with {some}"
            )
    if form == "affinity_distillation":
        return form, affinity_distillation.convert(model, kernel_factor)
    return form, KERAS[form].convert(model)
