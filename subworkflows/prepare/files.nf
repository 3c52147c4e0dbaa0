include { named_file } from '../../functions/files'
include { table_rows } from '../../functions/sheets'

// What a samplesheet names: the tracks of each TF.

// One map for each TF of CHECK's table of read sets: its tracks, its tasks' peaks, and what is known of its sites.
// A track is reads still to be counted (`bam` and the name of its counts) or counts (`bigwigs`: plus, minus).
def experiments_of(readsets, sheet) {
    def rows = table_rows(readsets)
    // A BAM file that several rows name is counted once, under the name of the first of them.
    def names = rows.reverse().collectEntries { row -> [row.bam, row.readset] }
    rows.groupBy { row -> row.tf }.collect { tf, own ->
        def tracks = own.withIndex().collect { row, rank ->
            def bam = named_file(row.bam, sheet)
            def bigwigs = bam ? null : [named_file(row.plus, sheet), named_file(row.minus, sheet)]
            def name = bam ? names[row.bam] : row.readset
            [rank: rank, role: row.role, task: row.task, bam: bam, name: name, bigwigs: bigwigs]
        }
        [
            tf: tf,
            tracks: tracks,
            peaks: own.collectEntries { row -> [row.task, named_file(row.peaks, sheet)] },
            known_sites: named_file(own.first().known_sites, sheet),
            truth: named_file(own.first().truth, sheet),
        ]
    }
}

// The input of DATASET for a TF: meta, roles and tasks of the tracks, their bigWigs, names of the tasks, their peaks.
def dataset_input(tf, tracks) {
    tuple(
        [id: tf.tf, tf: tf.tf],
        tracks.collect { track -> track.subMap(['role', 'task']) },
        tracks.collectMany { track -> track.bigwigs },
        tf.peaks.keySet().toList(),
        tf.peaks.values().toList(),
    )
}
