// Tuples that belong together, brought together. One without its partner is left out with a warning; what is then
// missing of a TF makes the run fail at its end, by name.

// Tuples of two channels with the same first element in one: the first element, then the rest of both.
def joined(left, right) {
    left.map { row -> tuple(row.first(), row.tail()) }
        .join(right.map { row -> tuple(row.first(), row.tail()) }, failOnDuplicate: true, remainder: true)
        .flatMap { key, own, others -> own == null || others == null ? without(key) : [[key] + own + others] }
}

// Results of several processes, tuples of meta and files by role: one tuple with all files for each meta.
def all_of(results) {
    results.inject { left, right -> joined(left, right).map { meta, files, more -> tuple(meta, files + more) } }
}

// Results of the parts of a TF, tuples of meta and files by role: one tuple with all files for each TF, as soon as its
// last part is there. `meta.of` says how many parts the TF has.
def of_whole_tf(results) {
    results
        .map { meta, files -> tuple(groupKey(meta.tf, meta.of), files) }
        .groupTuple()
        .map { tf, files -> tuple(meta_of(tf.target), files.sum().sort()) }
}

// What identifies a TF in every channel.
def meta_of(tf) {
    [id: tf, tf: tf]
}

// Note in `gaps` the TFs, of all `tfs`, that have no tuple in `results`: pairs of what is missing and the TF.
def note_gaps(results, tfs, what, gaps) {
    results
        .toList()
        .map { rows -> [found: rows.collect { row -> row.first().tf }] }
        .combine(tfs.map { names -> [expected: names] })
        .map { row, all -> (all.expected - row.found).each { tf -> gaps.add([what: what, tf: tf]) } }
}

// A tuple is left out for want of its partner. A run that fails leaves channels incomplete, and has given its reason.
def without(key) {
    if (!nextflow.Global.session.aborted && !nextflow.Global.session.cancelled) {
        log.warn("${key.id}: results are incomplete and left out")
    }
    []
}
