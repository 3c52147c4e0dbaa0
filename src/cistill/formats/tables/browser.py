"""Files of `browser`."""

from cistill.formats.published import HEAD, ResultFile

BROWSER_PAGE = ResultFile(
    "browser.html", "report", "genome browser: tracks of some regions, without a network", "browser", role="browser"
)
SESSION = ResultFile("igv.xml", "browser", "session for IGV desktop", "browser", role="igv_session")
HUB = ResultFile("hub.txt", "browser", "track hub for the UCSC browser", "browser", role="hub")
GENOMES = ResultFile("genomes.txt", "browser", "assembly of the track hub", "browser")
TRACK_DB = ResultFile("trackDb.txt", "browser", "tracks of the track hub", "browser")
GENOME_2BIT = ResultFile("genome.2bit", "browser", "genome of the track hub, where no assembly is named", "browser")
PEAKS_BB = ResultFile("peaks.bb", "browser", "peaks, bigBed", "browser", "{tf}.{task}")
HITS_BB = ResultFile("hits.bb", "browser", "motif instances of both heads, bigBed", "browser")
HEAD_HITS_BB = ResultFile("hits.bb", "browser", "motif instances, bigBed", "browser", HEAD)
GENES_BB = ResultFile("genes.bb", "browser", "genes, bigBed (`--annotation`)", "browser")
OBSERVED_PLUS = ResultFile(
    "observed.plus.bw", "browser", "5' ends around regions, + strand, of tasks given as bigWigs", "browser",
    "{tf}.{task}",
)  # fmt: skip
OBSERVED_MINUS = ResultFile(
    "observed.minus.bw", "browser", "5' ends around regions, - strand, of tasks given as bigWigs", "browser",
    "{tf}.{task}",
)  # fmt: skip
