"""What contigs are by their names, in the references that users have."""

import pytest

from cistill.data.contig_names import ALTERNATE, DECOY, ORGANELLE, UNPLACED, copies, is_mitochondrial, unused_contigs

HG38 = {f"chr{n}": 100_000 for n in [*range(1, 23), "X", "Y"]}
MM39 = {f"chr{n}": 100_000 for n in [*range(1, 20), "X", "Y"]}
ENSEMBL = {str(n): 100_000 for n in [*range(1, 23), "X", "Y"]}
NCBI = {f"NC_{n:06d}.11": 100_000 for n in range(1, 25)}


def of_kind(kind, *names):
    return dict.fromkeys(names, kind)


REFERENCES = {
    "hg38": (
        HG38,
        {
            **of_kind(ALTERNATE, "chr6_GL000250v2_alt", "chr1_KN196472v1_fix", "chrX_KI270880v1_alt"),
            **of_kind(UNPLACED, "chr1_KI270706v1_random", "chrUn_KI270742v1", "chr22_KI270731v1_random"),
            **of_kind(DECOY, "chrEBV", "chrUn_KN707606v1_decoy", "HLA-A*01:01:01:01", "HLA-DRB1*04:03:01"),
            **of_kind(DECOY, "CMV", "HIV-1", "HPV16", "phiX174"),
            **of_kind(ORGANELLE, "chrM"),
        },
    ),
    "hg19": (
        HG38,
        {
            **of_kind(ALTERNATE, "chr6_apd_hap1", "chr17_ctg5_hap1", "chr4_ctg9_hap1"),
            **of_kind(UNPLACED, "chrUn_gl000211", "chr4_gl000193_random", "chr1_random"),
            **of_kind(ORGANELLE, "chrM", "chrMT"),
        },
    ),
    "hs37d5": (
        ENSEMBL,
        {**of_kind(DECOY, "NC_007605", "hs37d5"), **of_kind(UNPLACED, "GL000207.1"), **of_kind(ORGANELLE, "MT")},
    ),
    "ensembl": (
        ENSEMBL,
        {
            **of_kind(ALTERNATE, "CHR_HSCHR6_MHC_APD_CTG1", "HSCHR1_1_CTG3", "CHR_HG1012_PATCH", "HG107_HG2565_PATCH"),
            **of_kind(UNPLACED, "KI270728.1", "GL000009.2"),
            **of_kind(ORGANELLE, "MT"),
        },
    ),
    "ncbi": (
        NCBI,
        {**of_kind(UNPLACED, "NT_187361.1", "NW_009646195.1"), **of_kind(ORGANELLE, "NC_012920.1")},
    ),
    "ncbi with pipes": (
        {f"gi|{n}|ref|{name}|": size for n, (name, size) in enumerate(NCBI.items())},
        {"gi|5|ref|NT_187361.1|": UNPLACED, "gi|6|ref|NC_012920.1|": ORGANELLE},
    ),
    "mm39": (
        MM39,
        {
            **of_kind(UNPLACED, "chr1_GL456210v1_random", "chrUn_GL456239v1", "chrY_JH584300v1_random"),
            **of_kind(ALTERNATE, "chr11_KZ289073v1_alt", "CHR_WSB_EIJ_MMCHR11_CTG1"),
            **of_kind(ORGANELLE, "chrM"),
        },
    ),
    "dm6": (
        {"chr2L": 23, "chr2R": 25, "chr3L": 28, "chr3R": 32, "chr4": 1, "chrX": 23, "chrY": 3},
        {**of_kind(UNPLACED, "chrUn_DS483910v1", "chrY_DS483790v1_random"), "chrM": ORGANELLE},
    ),
    "dm3": ({"chr2L": 23, "chr2R": 25, "chr3L": 28, "chr2LHet": 2}, of_kind(UNPLACED, "chrU", "chrUextra")),
    "ce11": ({f"chr{n}": 15 for n in ("I", "II", "III", "IV", "V", "X")}, {"chrM": ORGANELLE}),
    "sacCer3": ({f"chr{n}": 15 for n in ("I", "II", "III", "IV", "IX", "XVI")}, {"chrM": ORGANELLE}),
    "R64": ({f"{n}": 15 for n in ("I", "II", "III", "IV", "IX", "XVI")}, {"Mito": ORGANELLE}),
    "chm13": (HG38, {"chrM": ORGANELLE}),
    "chm13 of GenBank": ({f"CP0682{n}.2": 1000 for n in range(55, 78)}, {"CP068254.1": ORGANELLE}),
    "TAIR10": ({f"Chr{n}": 20_000 for n in range(1, 6)}, {"ChrM": ORGANELLE, "ChrC": ORGANELLE}),
    "TAIR10 of Ensembl": ({str(n): 20_000 for n in range(1, 6)}, {"Mt": ORGANELLE, "Pt": ORGANELLE}),
    "frog": ({"chr1L": 230, "chr1S": 190, "chrUn_NW_1": 10, "Sca33": 1, "scaffold_12": 3}, {"chrUn_NW_1": UNPLACED}),
    "scaffolds": ({f"scaffold_{n}": 500 for n in range(30)}, {"MT": ORGANELLE}),
    "contigs of NCBI": ({f"NW_0200{n:05d}.1": 500 for n in range(30)}, {}),
    "unplaced for the most part": ({"chr1": 10, **{f"chrUn_{n}": 5 for n in range(30)}}, {}),
    "haplotypes": ({f"chr{n}_{p}": 100 for n in range(1, 4) for p in ("MATERNAL", "PATERNAL")}, {"chrM": ORGANELLE}),
    "pangenome": ({f"HG002#{p}#chr{n}": 100 for n in range(1, 4) for p in (1, 2)}, {}),
    "bacterium": ({"NC_000913.3": 4_641_652}, {}),
    "virus alone": ({"NC_007605.1": 171_823}, {}),
    "chromosomes A, B, C": ({"chrA": 3, "chrB": 2, "chrC": 1}, {}),
    "pieces by samtools faidx": ({"chr1:1-5000": 5000, "chr2:1-5000": 5000}, {}),
}


@pytest.mark.parametrize("reference", REFERENCES)
def test_contigs_outside_the_chromosomes_are_known_by_their_names(reference):
    used, unused = REFERENCES[reference]
    assert unused_contigs({**used, **dict.fromkeys(unused, 2)}) == unused
    assert unused_contigs(used) == ({"chrUn_NW_1": UNPLACED} if reference == "frog" else {})


def test_copies_of_a_chromosome_share_its_name():
    assert copies(["chr6", "chr6_GL000250v2_alt", "chr6_apd_hap1", "chr1_KI270706v1_random", "chr1", "scaffold_6"]) == {
        "chr6": "chr6",
        "chr6_GL000250v2_alt": "chr6",
        "chr6_apd_hap1": "chr6",
        "chr1_KI270706v1_random": "chr1",
        "chr1": "chr1",
        "scaffold_6": "scaffold_6",
    }
    assert copies(["6", "CHR_HSCHR6_MHC_APD_CTG1"])["CHR_HSCHR6_MHC_APD_CTG1"] == "6"
    assert copies(["chr1_MATERNAL", "chr1_PATERNAL"]) == {"chr1_MATERNAL": "chr1", "chr1_PATERNAL": "chr1"}
    assert set(copies(["HG002#1#chr1", "HG002#2#chr1"]).values()) == {"chr1"}


@pytest.mark.parametrize("name", ["chrM", "MT", "chrmit", "Mito", "NC_012920.1", "gi|9|ref|NC_001224.1|"])
def test_mitochondrial_names(name):
    assert is_mitochondrial(name)
