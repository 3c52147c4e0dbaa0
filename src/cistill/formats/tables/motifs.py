"""Files of `modisco` and of the sub-commands of `motifs`."""

from cistill.formats import modisco, motifs
from cistill.formats.published import HEAD, RUN_OF_COMMAND, TF, ResultFile, ResultTable, columns_of

MOTIF_COLUMNS = columns_of("""
    motif_id text: `{head}.pos_0`, `{head}.neg_1`, ...
    head text: `counts`, `profile`, `merged` or `cluster`
    sign text: `pos` if its sites raise the output, `neg` if they lower it
    n_seqlets int
    length int: positions
    consensus text: of the core
    information float: of the core, bits
    weak bool: whether hits are not called with it
    weak_reason text?
    match_{rank} text?: best matches in the database
    match_{rank}_p float?: p-value of the match
    match_{rank}_q float?: q-value of the match
""")
MODISCO = ResultFile("modisco.h5", "modisco", modisco.LAYOUT.words, "modisco", HEAD, "modisco", modisco.LAYOUT)
MOTIFS = ResultTable(
    "motifs.tsv", "modisco", "table of motifs with matches", "modisco", HEAD, "motifs", columns=MOTIF_COLUMNS
)
MOTIF_MATRICES = ResultFile(
    "motifs.h5", "modisco", motifs.LAYOUT.words, "modisco", HEAD, "motif_matrices", motifs.LAYOUT
)
MEME = ResultFile("motifs.meme", "modisco", "motifs in MEME format, for other tools", "modisco", HEAD, "meme")
SEQLET_COLUMNS = """
    region_id text
    chrom text
    start int
    end int
    strand text: of the motif as `motifs.h5` has it
    core_start int: of the motif's core
    core_end int
    summit_distance int: from the region's summit to the middle base of the core, along the genome, bp
"""
SEQLETS = ResultTable(
    "seqlets.tsv", "modisco", "where each motif's seqlets lie", "modisco", HEAD, "seqlets",
    columns=columns_of("motif_id text\n" + SEQLET_COLUMNS),
)  # fmt: skip
SUMMIT_DISTANCES = ResultTable(
    "summit_distances.tsv", "modisco", "distances of seqlets from summits, counted", "modisco", HEAD,
    columns=columns_of("""
        motif_id text
        distance_from int: start of the bin, bp
        distance_to int: its end
        n int: seqlets
        n_plus int: on the + strand
        n_minus int: on the - strand
    """),
)  # fmt: skip
MOTIF_FOOTPRINTS = ResultFile(
    "footprints.h5", "modisco", "mean observed and predicted profiles around seqlets", "modisco", HEAD,
    layout=motifs.FOOTPRINT_LAYOUT,
)  # fmt: skip
MERGED = ResultTable(
    "merged.tsv", "motifs", "motifs of both heads merged: members of each", "motifs merge-heads", TF, "merged",
    columns=columns_of("""
        motif_id text: the merged motif; a row for every member
        sign text: `pos` or `neg`
        n_members int
        pair_similarity float?: of the two heads' averages
        member text: motif_id of the member
        head text: whose it is
        n_seqlets int
        weak bool
        offset int: of the member in the average, bp
        strand text: of the member in the average
        similarity float: of the member with the average
    """),
)  # fmt: skip
MERGED_MOTIFS = ResultTable(
    "merged.motifs.tsv", "motifs", "table of the merged motifs with matches", "motifs merge-heads", TF, "merged_motifs",
    columns=MOTIF_COLUMNS,
)  # fmt: skip
MERGED_MATRICES = ResultFile(
    "merged.motifs.h5", "motifs", "matrices of the merged motifs", "motifs merge-heads", TF, "merged_matrices",
    motifs.LAYOUT,
)  # fmt: skip
MERGED_MEME = ResultFile(
    "merged.motifs.meme", "motifs", "merged motifs in MEME format", "motifs merge-heads", TF, "merged_meme"
)
MATRIX = ResultTable(
    "{matrix}.tsv", "", "matrices as text: `pfm`, `cwm`, `hcwm`", "motifs export", RUN_OF_COMMAND,
    columns=columns_of("""
        motif_id text
        position int: in the motif, 0-based
        A float
        C float
        G float
        T float
    """),
)  # fmt: skip
EXPORT = ResultTable(
    "export.tsv", "", "what was exported of each motif", "motifs export", RUN_OF_COMMAND,
    columns=columns_of("""
        motif_id text
        head text
        sign text
        n_seqlets int
        start int: of the positions shown
        end int
        length int
        turned bool: whether it is shown from the other strand
        consensus text
        information float: bits
        weak bool
        weak_reason text?
    """),
)  # fmt: skip
MATCHES = ResultTable(
    "matches.tsv", "", "best matches of a database", "motifs match", RUN_OF_COMMAND,
    columns=columns_of("""
        motif_id text
        rank int
        target text: id in the database
        target_name text?
        p float: TOMTOM's p-value
        q float
        offset int: of the target's first position in the core
        strand text: of the target
        overlap int: positions
    """),
)  # fmt: skip
SET_MATCHES = ResultTable(
    "set_matches.tsv", "", "best matches among the motifs of other sets", "motifs match", RUN_OF_COMMAND,
    columns=columns_of("""
        motif_id text
        set text
        rank int
        target text: motif_id in the set
        similarity float
        p float?: TOMTOM's against this set alone: few targets make it coarse
        q float?
        offset int
        strand text
        overlap int: of the contributions, positions
        paired bool: whether the two are a pair
    """),
)  # fmt: skip
CLUSTERS = ResultTable(
    "clusters.tsv", "", "motifs by cluster", "motifs cluster", RUN_OF_COMMAND,
    columns=columns_of("""
        cluster text
        size int: members
        set text
        motif_id text
        n_seqlets int
        leaf int: place in the tree's order
        offset int: in the average
        strand text: in the average
        similarity float: to the average
        mean_similarity float?: to the other members
    """),
)  # fmt: skip
SIMILARITY = ResultTable(
    "similarity.tsv", "", "similarities of all motifs, in the tree's order", "motifs cluster", RUN_OF_COMMAND,
    columns=columns_of("""
        motif text
        {motif} float: similarity to that motif
    """),
)  # fmt: skip
DENDROGRAM = ResultTable(
    "dendrogram.tsv", "", "the tree; empty for given groups", "motifs cluster", RUN_OF_COMMAND,
    columns=columns_of("""
        node text: `node_0`, ...
        left text: a node, or a motif as in similarity.tsv
        right text
        distance float
        size int: leaves
    """),
)  # fmt: skip
CLUSTER_MOTIFS = ResultTable(
    "motifs.tsv", "", "averages of clusters or sub-clusters", "motifs cluster", RUN_OF_COMMAND, columns=MOTIF_COLUMNS
)
SUBCLUSTERS = ResultTable(
    "subclusters.tsv", "", "sub-clusters of each motif", "motifs subclusters", RUN_OF_COMMAND,
    columns=columns_of("""
        motif_id text
        subcluster text: `{motif_id}.sub_0`, ... by falling size
        n_seqlets int
        share float: of the motif's seqlets
        consensus text: over the motif's core
        similarity float: with the motif
        contribution float: absolute sum of the CWM over the motif's core
    """),
)  # fmt: skip
SUBCLUSTER_SEQLETS = ResultTable(
    "subcluster_seqlets.tsv", "", "sub-cluster of each seqlet", "motifs subclusters", RUN_OF_COMMAND,
    columns=columns_of("""
        motif_id text
        subcluster text: as in subclusters.tsv
        region_id text
        chrom text
        start int
        end int
        strand text: of the motif
        +core_start int: of the motif's core; this and the following where the seqlets have it
        +core_end int
        +summit_distance int
        {column} text?: further columns of the seqlets, as given
    """),
)  # fmt: skip
REPRODUCIBILITY = ResultTable(
    "reproducibility.tsv", "", "how well each motif is found in other sets", "motifs reproducibility", RUN_OF_COMMAND,
    columns=columns_of("""
        set text
        motif_id text
        n_seqlets int
        share_of_seqlets float: of the set's
        reproducibility float?: mean over the other sets of the largest similarity
        standard_error float?: over the other sets
        n_found int: sets with a similarity of at least `--found`
        n_sets int
    """),
)  # fmt: skip
BEST_MATCHES = ResultTable(
    "best_matches.tsv", "", "most similar motif in each other set", "motifs reproducibility", RUN_OF_COMMAND,
    columns=columns_of("""
        set text
        motif_id text
        other_set text
        best_motif text?
        similarity float
    """),
)  # fmt: skip
REPRODUCIBILITY_BY_SET = ResultTable(
    "reproducibility_by_set.tsv", "", "reproducibility of each set and of all", "motifs reproducibility",
    RUN_OF_COMMAND,
    columns=columns_of("""
        set text: or `all`
        n_motifs int
        reproducibility float?
        standard_error float?: of `all` a jackknife over the sets
        reproducibility_by_seqlets float?: weighted by seqlets
    """),
)  # fmt: skip
TASK_PREVALENCE = ResultTable(
    "prevalence.tsv", "", "instances of each cluster in each task", "motifs across-tasks", RUN_OF_COMMAND,
    columns=columns_of("""
        task text
        cluster text
        n_motifs int: of the task in the cluster
        n_instances int
        n_regions int: with an instance
        n_regions_any int: with one of any cluster
        n_peaks int?
        prevalence float?: n_regions / n_peaks
        prevalence_any float?: n_regions / n_regions_any
        share_of_instances float?
    """),
)  # fmt: skip
