// Tuples that belong together, brought together. A tuple without its partner stops the run by name: no TF gets lost.

// Tuples of two channels with the same first element in one: the first element, then the rest of both.
def joined(left, right) {
    left.map { row -> tuple(row.first(), row.tail()) }
        .join(right.map { row -> tuple(row.first(), row.tail()) }, failOnDuplicate: true, remainder: true)
        .flatMap { key, own, others -> own == null || others == null ? lost(key) : [[key] + own + others] }
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

// Stop the run if one of its TFs, `tfs`, has no tuple in `results`.
def need_all(results, tfs, what) {
    results
        .toList()
        .map { rows -> [found: rows.collect { row -> row.first().tf }] }
        .combine(tfs.map { names -> [expected: names] })
        .map { row, all -> all.expected - row.found }
        .filter { missing -> missing && !has_failed() }
        .map { missing -> error("no ${what} of ${missing.join(', ')}: ${fault()}") }
}

def lost(key) {
    has_failed() ? [] : error("no report of ${key.tf}: results of ${key.id} are incomplete. ${fault()}")
}

def fault() {
    'This is a fault of the pipeline, please report it. -resume keeps what is done.'
}

// A run that stops leaves channels incomplete: then the reason has been given.
def has_failed() {
    nextflow.Global.session.aborted || nextflow.Global.session.cancelled
}
