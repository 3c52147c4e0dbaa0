// A stage's results: tuples of meta and a map from role to file. A role is the folder that the file is published in and
// its name without the TF: `dataset/dataset.h5`, `modisco/counts.motifs.tsv`. Written as a sheet, a later run can start
// from them.

// Files of a TF, published in a folder, by their roles.
def by_role(meta, folder, files) {
    files.flatten().collectEntries { file -> ["${folder}/${file.name - "${meta.tf}."}".toString(), file] }
}

// Write OUTDIR/sheets/NAME.csv: a row for each TF, a column for each role, paths relative to OUTDIR. What a process
// made keeps its name; files that the user gave get that of the TF.
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
        def names = given_names(meta, files)
        [meta.tf] + roles.collect { role ->
            def folder = role.tokenize('/').first()
            [files[role]].flatten().findAll().collect { file -> "${folder}/${names[role] ?: file.name}" }.join(';')
        }
    }
    ([['tf'] + roles] + lines).collect { cells -> cells.join(',') + '\n' }.join()
}

// Names that the files which the user gave for a TF are published under, by role: their own behind the TF's, without
// what separates paths in a sheet; with the role before where two would be one.
def given_names(meta, files) {
    def names = files.findAll { role, file -> file && role.startsWith('given/') }.collectEntries { role, file ->
        def own = file.name.startsWith("${meta.tf}.") ? file.name.drop(meta.tf.size() + 1) : file.name
        [role, own.replaceAll(/[,;"\p{Cntrl}]/, '_')]
    }
    def uses = names.values().countBy { name -> name.toLowerCase() }
    names.collectEntries { role, name ->
        [role, [meta.tf, uses[name.toLowerCase()] > 1 ? role - 'given/' : null, name].findAll().join('.')]
    }
}

// Copy files that the user gave, so that no process publishes them, to where the sheet names them.
def keep_given(results, outdir) {
    results
        .flatMap { meta, files ->
            given_names(meta, files).collect { role, name -> tuple(name, files[role]) }
        }
        .collectFile(storeDir: "${outdir}/given") { name, file -> [name, file] }
}

// Rows of a table that a check wrote, as maps; null for NA and empty cells. A cell that holds quotes is between quotes.
def table_rows(table) {
    def rows = table.readLines().collect { line -> line.split('\t', -1).collect { text -> cell_of(text) } }
    rows.drop(1).collect { cells -> [rows.first(), cells].transpose().collectEntries() }
}

def cell_of(text) {
    def plain = text ==~ /".*"/ ? text[1..-2].replace('""', '"') : text
    plain in ['', 'NA'] ? null : plain
}

// The TFs of a sheet of the run in FOLDER; none if there is no sheet.
def tfs_of_sheet(name, folder) {
    rows_of_sheet(name, folder).collect { row -> row.tf }
}

// Rows of a sheet of the run in FOLDER; none if there is no sheet.
def rows_of_sheet(name, folder) {
    has_sheet(name, folder) ? file("${folder}/sheets/${name}.csv", glob: false).splitCsv(header: true) : []
}

// Whether the run in FOLDER has written a sheet.
def has_sheet(name, folder) {
    file("${folder}/sheets/${name}.csv", glob: false).exists()
}

// The results that a sheet of the run in FOLDER names.
def read_sheet(name, folder) {
    def sheet = file("${folder}/sheets/${name}.csv", glob: false)
    if (!sheet.exists()) {
        error("There is no ${sheet}: run the earlier steps first, or give --from, the folder of their results.")
    }
    sheet.splitCsv(header: true).collect { row ->
        def files = row.findAll { role, _paths -> role != 'tf' }.collectEntries { role, paths ->
            [role, paths.tokenize(';').collect { path -> file("${folder}/${path}", checkIfExists: true, glob: false) }]
        }
        def by_role = files.collectEntries { role, list -> [role, list.size() > 1 ? list : list.find()] }
        tuple([id: row.tf, tf: row.tf], by_role)
    }
}

// Results of the run in FOLDER that the steps start from, as far as their content can be checked: parameter, role and
// name of each, file.
def results_before(steps, folder) {
    def sheets = [prepare: 'datasets', train: 'models', interpret: 'interpretations', affinity: 'affinities']
    sheets.keySet().toList().takeWhile { step -> step != steps.first() }
        .collect { step -> sheets[step] }
        .findAll { name -> name != 'affinities' || has_sheet(name, folder) }
        .collectMany { name -> read_sheet(name, folder) }
        .collectMany { _meta, files -> files.findAll { role, _file -> !role.startsWith('given/') }.values().flatten() }
        .findAll { file -> file && file.name ==~ /.+\.(h5|safetensors|tsv|json)/ }
        .unique()
        .collect { file -> ['from', "${file.parent.name}/${file.name}", file] }
}

// The results that a sheet of the run in FOLDER names, for the TFs of `datasets`; no files for a TF that it lacks.
def earlier_results(name, datasets, folder) {
    def rows = has_sheet(name, folder) ? read_sheet(name, folder) : []
    def found = rows.collectEntries { meta, files -> [meta.tf, files] }
    datasets.map { meta, _files -> tuple(meta, found[meta.tf] ?: [:]) }
}

// Folders of bigWigs, as seen from OUTDIR/browser: in the results, or in those that the steps start from.
def bigwig_places(steps, earlier, outdir) {
    def (here, there) = [outdir, earlier].collect { folder -> file(folder, glob: false).toAbsolutePath().normalize() }
    def local = here.scheme == 'file' && there.scheme == 'file'
    def before = local ? here.resolve('browser').relativize(there).toString() : there.toUriString()
    [coverage: 'prepare', predict: 'train', shap: 'interpret'].collectEntries { folder, step ->
        [folder, "${step in steps ? '..' : before}/${folder}".toString()]
    }
}

// Files that a sheet of the run in FOLDER names, and that are not there.
def missing_files(name, folder) {
    rows_of_sheet(name, folder)
        .collectMany { row -> row.findAll { role, _paths -> role != 'tf' }.values() }
        .collectMany { paths -> paths.tokenize(';') }
        .findAll { path -> !file("${folder}/${path}", glob: false).exists() }
}
