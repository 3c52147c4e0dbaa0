// A stage's results: tuples of meta and a map from role to file. A role is the folder that the file is published in and
// its name without the TF: `dataset/dataset.h5`, `modisco/counts.motifs.tsv`. Written as a sheet, a later run can start
// from them.

// Files of a TF, published in a folder, by their roles.
def by_role(meta, folder, files) {
    files.flatten().collectEntries { file -> ["${folder}/${file.name - "${meta.tf}."}".toString(), file] }
}

// Write OUTDIR/sheets/NAME.csv: a row for each TF, a column for each role, paths relative to OUTDIR.
def write_sheet(results, name, outdir) {
    results
        .toList()
        .filter { rows -> rows }
        .map { rows -> sheet_of(rows) }
        .collectFile(name: "${name}.csv", storeDir: "${outdir}/sheets")
}

def sheet_of(rows) {
    def roles = rows.collectMany { _meta, files -> files.keySet() }.unique()
    def lines = rows.sort { row -> row.first().tf }.collect { meta, files ->
        [meta.tf] + roles.collect { role ->
            [files[role]].flatten().findAll().collect { file -> published_path(meta, role, file) }.join(';')
        }
    }
    ([['tf'] + roles] + lines).collect { cells -> cells.join(',') + '\n' }.join()
}

// Where a file of a role is published, below OUTDIR. What a process made keeps its name; files that the user gave get
// that of the TF.
def published_path(meta, role, file) {
    def folder = role.tokenize('/').first()
    "${folder}/${folder == 'given' ? given_name(meta, file) : file.name}".toString()
}

def given_name(meta, file) {
    file.name.startsWith("${meta.tf}.") ? file.name : "${meta.tf}.${file.name}".toString()
}

// Copy files that the user gave, so that no process publishes them, to where the sheet names them.
def keep_given(results, outdir) {
    results
        .flatMap { meta, files ->
            files.findAll { role, file -> file && role.startsWith('given/') }
                .collect { _role, file -> tuple(given_name(meta, file), file) }
        }
        .collectFile(storeDir: "${outdir}/given") { name, file -> [name, file] }
}

// The TFs of a sheet of the run in FOLDER; none if there is no sheet.
def tfs_of_sheet(name, folder) {
    has_sheet(name, folder) ? file("${folder}/sheets/${name}.csv").splitCsv(header: true).collect { row -> row.tf } : []
}

// Whether the run in FOLDER has written a sheet.
def has_sheet(name, folder) {
    file("${folder}/sheets/${name}.csv").exists()
}

// The results that a sheet of the run in FOLDER names.
def read_sheet(name, folder) {
    def sheet = file("${folder}/sheets/${name}.csv")
    if (!sheet.exists()) {
        error("There is no ${sheet}: run the earlier steps first, or give --from, the folder of their results.")
    }
    sheet.splitCsv(header: true).collect { row ->
        def files = row.findAll { role, _paths -> role != 'tf' }.collectEntries { role, paths ->
            [role, paths.tokenize(';').collect { path -> file("${folder}/${path}", checkIfExists: true) }]
        }
        def by_role = files.collectEntries { role, list -> [role, list.size() > 1 ? list : list.find()] }
        tuple([id: row.tf, tf: row.tf], by_role)
    }
}

// The results that a sheet of the run in FOLDER names, for the TFs of `datasets`; no files for a TF that it lacks.
def earlier_results(name, datasets, folder) {
    def rows = has_sheet(name, folder) ? read_sheet(name, folder) : []
    def found = rows.collectEntries { meta, files -> [meta.tf, files] }
    datasets.map { meta, _files -> tuple(meta, found[meta.tf] ?: [:]) }
}

// Files that a sheet of the run in FOLDER names, and that are not there.
def missing_files(name, folder) {
    def rows = has_sheet(name, folder) ? file("${folder}/sheets/${name}.csv").splitCsv(header: true) : []
    rows.collectMany { row -> row.findAll { role, _paths -> role != 'tf' }.values() }
        .collectMany { paths -> paths.tokenize(';') }
        .findAll { path -> !file("${folder}/${path}").exists() }
}

// The file that a cell of a user's sheet names: a path or address as it stands, or relative to the sheet; null for an
// empty cell.
def named_file(name, sheet) {
    if (!name || name == 'NA') {
        return null
    }
    name.startsWith('/') || name.contains('://') ? file(name, glob: false) : sheet.parent.resolve(name)
}

// Names and files, as two lists, of those that exist; the commands that check sheets miss the others.
def existing_files(names, sheet) {
    def found = names.findAll().unique().sort()
        .collectEntries { name -> [name, named_file(name, sheet)] }
        .findAll { _name, path -> path.exists() }
    tuple(found.keySet().toList(), found.values().toList())
}
