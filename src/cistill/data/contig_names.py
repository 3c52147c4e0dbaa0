"""What a contig is by its name: a chromosome, an organelle, another copy of a chromosome, a decoy, an unplaced piece.

Names are those of UCSC, Ensembl, NCBI and GENCODE, of the 1000 Genomes, GATK and GDC references, and of diploid
assemblies. A genome of scaffolds keeps them: what has no place beside chromosomes is left out only where there are any.
"""

import re
from collections.abc import Iterable, Mapping

MITOCHONDRIA = {"m", "mt", "mito", "mit", "mtdna", "mitochondrion"}
MITOCHONDRIAL_ACCESSIONS = {
    *("NC_012920", "NC_001807", "J01415", "CP068254", "NC_005089", "NC_001665", "NC_024511", "NC_001709"),
    *("NC_001328", "NC_001224", "KP263414", "NC_002333", "NC_037304", "NC_001284", "NC_006581", "NC_040902"),
}  # human, mouse, rat, fly, worm, yeast, zebrafish, thale cress, chicken
PLASTIDS = {"pt", "pltd", "plastid", "chloroplast", "nc_000932"}

ORGANELLE = "mitochondrial or plastid chromosome"
ALTERNATE = "alternate or patch of a chromosome"
DECOY = "decoy, virus, HLA or spike-in sequence"
UNPLACED = "unlocalised or unplaced contig"

_COPY = re.compile(r"(?P<base>.+?)[_.-](?P<what>alt|fix|patch|hap\w?\d*|mat|pat|maternal|paternal)$", re.IGNORECASE)
_PATCH = re.compile(r"(\w+_)?(HS|MM)CHR(?P<base>[0-9XY]+)_", re.IGNORECASE)
_DECOY = re.compile(
    r".*decoy$|hs3[78]d\d|HLA-|(chr)?EBV$|NC_007605|AJ507799|phix|NC_001422|lambda|NC_001416|J02459|ERCC-\d|"
    r"(CMV|HBV|HCV-\d|HIV-\d|KSHV|HTLV-\d|MCV|SV40|HPV\S+)$",
    re.IGNORECASE,
)
_UNPLACED = re.compile(r".*[_.]random$|(chr)?Un([_.]|$)|chrU(extra)?$", re.IGNORECASE)
_SCAFFOLD = re.compile(
    r"(N[TW]_\d{6,}|(GL|JH|KI|KN|KQ|KV|KZ|KB|KE|KK|KL|ML|MU|DS)\d{6}|[A-Z]{4}(?:[A-Z]{2})?\d{8,})([.v]\d+)?$"
)
_MARKED = re.compile(
    r".*([_.-](alt|fix|patch|hap\w?\d*|mat|pat|maternal|paternal|random)$|(HS|MM)CHR[0-9XY]+_|[#|])", re.IGNORECASE
)  # what any name of a copy has


def is_mitochondrial(name: str) -> bool:
    """Say whether a chromosome is mitochondrial by its name (chrM, MT, chrmit, Mito, ...) or accession."""
    return _key(name) in MITOCHONDRIA or _plain(name).split(".", 1)[0] in MITOCHONDRIAL_ACCESSIONS


def unused_contigs(sizes: Mapping[str, int]) -> dict[str, str]:
    """Say which contigs of a genome neither train, validate nor test a model where nobody names them, and why.

    Alternates, patches and haplotypes share their sequence with a chromosome: a model that trains on one has seen the
    chromosome. Decoys, viruses and HLA sequences are no part of the genome; unlocalised and unplaced contigs are mostly
    repeats. Contigs of a kind stay in use where they are most of the genome, or all there is.

    Parameters
    ----------
    sizes : mapping
        Contig to its length in bp.

    Returns
    -------
    dict of str to str
        Contig to `ORGANELLE`, `ALTERNATE`, `DECOY` or `UNPLACED`, in the order of `sizes`.
    """
    keys = {_key(name) for name in sizes}
    with_plastid = "1" in keys and "c" in keys and "chrC" not in sizes  # Chr1, ChrC: the plastid of a plant
    found = {name: _kind(name, keys, with_plastid) for name in sizes}
    size_of = dict.fromkeys(("", ORGANELLE, ALTERNATE, DECOY, UNPLACED), 0)
    for name, kind in found.items():
        size_of[kind] += sizes[name]
    used, kinds = {""}, set(found.values())
    if size_of[UNPLACED] > size_of[""] or "" not in kinds:
        used.add(UNPLACED)
    for kind in (ALTERNATE, DECOY):
        if used.isdisjoint(kinds):
            used.add(kind)
    return {name: kind for name, kind in found.items() if kind not in used}


def copies(names: Iterable[str]) -> dict[str, str]:
    """Return for each contig the name that all copies of it share: that of the chromosome without its haplotype.

    The two haplotypes of a diploid assembly (`chr1_MATERNAL` and `chr1_PATERNAL`, `HG002#1#chr1` and `HG002#2#chr1`),
    and a chromosome with its alternates, have one name.
    """
    shared = {name: name for name in names}
    marked = [name for name in shared if _MARKED.match(name)]
    by_key = {_key(name): name for name in shared} if marked else {}
    for name in marked:
        base = _base(name)
        key = next((key for key in (_key(base), _key(base.split("_")[0])) if key in by_key), None)
        shared[name] = by_key[key] if key is not None else base
    return shared


def _kind(name: str, keys: set[str], with_plastid: bool) -> str:
    """Return why a contig is not used, empty if it may be."""
    plain = _plain(name)
    if is_mitochondrial(plain) or _key(plain).split(".", 1)[0] in PLASTIDS or (with_plastid and name == "ChrC"):
        return ORGANELLE
    if _DECOY.match(plain):
        return DECOY
    if _PATCH.match(plain):
        return ALTERNATE
    if _UNPLACED.match(plain) or _SCAFFOLD.match(plain):
        return UNPLACED
    copy = _COPY.match(plain) if _MARKED.match(plain) else None
    if copy is None:
        return ""
    base = copy["base"]
    known = _key(base) in keys or _key(base.split("_")[0]) in keys
    return ALTERNATE if known or copy["what"].lower() in ("alt", "fix", "patch") else ""


def _base(name: str) -> str:
    """Return a name without what says which copy it is."""
    plain = _plain(name).split("#")[-1]
    copy = _COPY.match(plain)
    if copy is not None:
        return copy["base"]
    patch = _PATCH.match(plain)
    if patch is not None:
        return patch["base"]
    return plain.split("_")[0] if plain.lower().endswith("_random") else plain


def _plain(name: str) -> str:
    """Return the last word of a name with pipes, as in `gi|568815597|ref|NC_000001.11|`."""
    if "|" not in name:
        return name
    words = [word for word in name.split("|") if word]
    return words[-1] if words else name


def _key(name: str) -> str:
    """Return a name in lower case, without `chr`."""
    return name.lower().removeprefix("chr")
