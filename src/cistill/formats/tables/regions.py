"""Files of `check`, `coverage`, `dataset` and `importscores`."""

from cistill.formats import dataset
from cistill.formats.published import ResultFile, ResultTable, columns_of

READSETS = ResultTable(
    "readsets.tsv", "check", "the samplesheet with its defaults filled in, one row per read set", "check", "",
    columns=columns_of("""
        readset text: name of the read set, as in the names of its bigWigs
        tf text: name of the TF
        task text: name of the experiment
        role text: `signal` or `control`
        replicate int: number of the row among those of its task and role
        source text: `bam` or `bigwig`
        bam text?: path of the file of reads
        plus text?: path of the bigWig of the + strand
        minus text?: path of the bigWig of the - strand
        peaks text: path of the peaks
        known_sites text?: path of known sites
        truth text?: path of a simulation's truth
    """),
)  # fmt: skip
GENOME_SIZES = ResultFile("genome.sizes", "check", "names and lengths of the chromosomes", "check", "")
COVERAGE_PLUS = ResultFile("plus.bw", "coverage", "5' counts of a BAM on the + strand", "coverage", "{readset}")
COVERAGE_MINUS = ResultFile("minus.bw", "coverage", "5' counts of a BAM on the - strand", "coverage", "{readset}")
REGIONS = ResultTable(
    "regions.tsv", "dataset", "every region given: coordinates, split, kept or why dropped", "dataset", role="regions",
    columns=columns_of("""
        region_id text: `chrom:summit` for a peak, `bg:chrom:summit` for a background; a second peak with the same \
            summit gets `#2`, ...
        chrom text
        start int: start of the peak as given (a locus of several tasks from its first start), or of the \
            background's output window
        end int: end of the same
        summit int: 0-based position that windows are centred on
        kind text: `peak` or `background`
        tasks text?: comma-separated names of all tasks that have a peak on this locus (empty for a background)
        split text: `train`, `valid`, `test`, or `none`: neither trained on nor scored. With several folds `test` if \
            any fold tests the region's chromosome, else `valid` if any validates on it, else `train`
        kept bool: `True` if the region is in the dataset
        reason text?: why it is in no split. Where the sequence is usable and only counts or split are not (excluded \
            interval, chromosome in no list, unplaced contig, window off a chromosome's end or in two parts of the \
            split), the region is kept without signal: its contributions and hits are computed
        +gc float?: GC fraction of the input window
        +counts float?: 5' ends in the output window, all tasks and strands
        +matched_to text?: for a background: region_id of the peak whose GC content it matches
        +match_rank int: 0 for a peak and for the first background of a peak, 1, 2, ... for its further ones
        +tested_in text?: comma-separated names of the folds that test the region
    """),
)  # fmt: skip
SUFFICIENCY = ResultTable(
    "sufficiency.tsv", "dataset", "whether the data are enough: figures of reads and peaks with verdicts", "dataset",
    role="sufficiency",
    columns=columns_of("""
        task text: whose peaks
        readset text?: name of the read set (of two, for replicates), where the figure is not of all of the task
        fold text?: name of the fold, where the figure is of one of its parts
        split text: `train`, `valid` or `test`; `all` for all peaks
        strand text: `+`, `-` or `both`
        measure text: what was measured ([data_quality.md](data_quality.md)); `overall` for the verdict on the task
        value float?: the figure
        lower float?: lower end of its 95 % interval
        upper float?: upper end of its 95 % interval
        n int: peaks or reads that it is computed from
        verdict text: `enough`, `doubtful`, `not enough`, or `unknown` where none is passed
        advice text?: what to do where it is not enough
    """),
)  # fmt: skip
DATASET = ResultFile(
    "dataset.h5", "dataset", dataset.LAYOUT.words, "dataset", role="dataset", layout=dataset.LAYOUT
)  # fmt: skip
