"""Which reads are counted: the defaults of `coverage`, which reads them for its `--help`."""

from dataclasses import dataclass
from typing import Literal

Mate = Literal["1", "2", "both", "first", "second"]
FIRST_MATE, SECOND_MATE = 64, 128
OTHER_MATE = {"1": SECOND_MATE, "first": SECOND_MATE, "2": FIRST_MATE, "second": FIRST_MATE}


@dataclass(frozen=True)
class ReadFilter:
    """Which reads are counted. Unmapped reads never are.

    The defaults are those of `samtools view -F 2956 -q 30` for paired reads (of which the first mate is counted)
    and `-F 2828 -q 30` for single ones.

    Attributes
    ----------
    min_mapq : int
        Least mapping quality.
    mate : {"1", "2", "both", "first", "second"}
        Which mate of paired reads; "first" is "1", "second" is "2". Both ends of a fragment at once blur the
        profile of a footprint, whose borders only the sequenced 5' end of the immunoprecipitated strand marks.
    keep_secondary, keep_supplementary, keep_qc_fail, keep_mate_unmapped, keep_duplicates : bool
        Whether reads with these flags are counted.
    """

    min_mapq: int = 30
    mate: Mate = "1"
    keep_secondary: bool = False
    keep_supplementary: bool = False
    keep_qc_fail: bool = False
    keep_mate_unmapped: bool = False
    keep_duplicates: bool = True

    def excluded_flags(self) -> dict[str, int]:
        """Return the flag bit behind each reason to leave a read out, in the order in which reasons are given."""
        bits = {"unmapped": 4}
        bits |= {} if self.keep_secondary else {"secondary": 256}
        bits |= {} if self.keep_supplementary else {"supplementary": 2048}
        bits |= {} if self.keep_qc_fail else {"qc_fail": 512}
        bits |= {} if self.keep_mate_unmapped else {"mate_unmapped": 8}
        bits |= {} if self.keep_duplicates else {"duplicate": 1024}
        bits |= {"other_mate": OTHER_MATE[self.mate]} if self.mate in OTHER_MATE else {}
        return bits
