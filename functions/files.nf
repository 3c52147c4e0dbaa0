// Files that the user names, in parameters and in sheets: found, and fit to be brought to a task.

// A path whose `~` is written out: no shell has done so in a file of parameters, or in a sheet.
def at_home(name) {
    name.toString().startsWith('~/') ? System.getProperty('user.home') + name.drop(1) : name
}

// The path of a parameter. What Nextflow cannot bring to a task is refused.
def path_of(option, name) {
    def path
    try {
        path = file(at_home(name), glob: false)
    }
    catch (java.nio.file.InvalidPathException _unfit) {
        error("--${option} ${name}: the locale has no such letters; set LC_ALL=C.UTF-8 and run again.")
    }
    if (path.exists() && is_unfit(path)) {
        error("--${option} ${path}: Nextflow hands no path with '\$' or a tab to a task; rename it, or link to it.")
    }
    path
}

// Whether a path holds what Nextflow does not escape in the script that brings files to a task.
def is_unfit(path) {
    ['$', '\t', '\r', '\n'].any { letter -> path.toString().contains(letter) }
}

// Refuse folders, by option, that no task can work in or be given files from.
def refuse_unfit(folders) {
    folders.findAll { _option, folder -> is_unfit(folder) }.each { option, folder ->
        error("${option} ${folder}: Nextflow hands no path with '\$' or a tab to a task; choose another folder.")
    }
}

// The file that a parameter names; an empty list, which Nextflow takes for no file, if it is not given or not there.
def given_file(option, name) {
    def path = name ? path_of(option, name) : null
    path?.exists() ? path : []
}

// A file that a run cannot do without.
def needed_file(option, name) {
    if (!name) {
        error("--${option} is needed; --help lists all parameters.")
    }
    def path = path_of(option, name)
    if (!path.exists()) {
        error("--${option} ${name}: no such file.")
    }
    path
}

// The JSON file of a model: one of assets/models by name, or the user's by path.
def model_file(name) {
    def path = preset_or_own('model', name, 'models')
    if (!path.exists()) {
        def known = files("${projectDir}/assets/models/*.json").collect { preset -> preset.baseName }.sort().join(', ')
        error("--model ${name}: no such model; give ${known}, or a JSON file like those in assets/models.")
    }
    path
}

// JSON files of folds, and folders of them: one of assets/chrom_splits by name, or the user's by path, several of them
// separated by commas, or by a pattern; an empty list for none, or one that is not there, which `check` reports.
def splits_files(text) {
    def whole = text ? splits_like(text) : []
    def parts = text && !whole ? text.tokenize(',').collect { part -> part.trim() }.findAll() : []
    if (parts.size() < 2) {
        return whole
    }
    parts.collectMany { part -> splits_like(part) ?: error("--splits ${part}: no such file.") }.unique()
}

def splits_like(name) {
    def path = preset_or_own('splits', name, 'chrom_splits')
    def found = path.exists() ? [path] : files(name).findAll { one -> one.exists() }.sort { one -> one.name }
    found.collect { one -> path_of('splits', one.toUriString()) }
}

def preset_or_own(option, name, folder) {
    def preset = file("${projectDir}/assets/${folder}/${name}.json", glob: false)
    name ==~ /[\w.-]+/ && preset.exists() ? preset : path_of(option, name)
}

// Motif files to compare scores with, [FAMILY=]PATH[#NAME;NAME], separated by commas: family, names and file of each.
// Names of files may hold these signs themselves: the first text up to a comma that is one of a file is taken so.
def matrix_files(text) {
    matrices_of((text ?: '').tokenize(',').collect { cell -> cell.trim() }.findAll())
}

def matrices_of(cells) {
    if (!cells) {
        return []
    }
    def found = (1..cells.size()).findResult { number ->
        def parts = parts_of(cells.take(number).join(','))
            .find { _family, path, _names -> path_of('affinity_matrices', path).exists() }
        parts ? [number, parts] : null
    }
    def (number, parts) = found ?: [1, parts_of(cells.first()).last()]
    def (family, path, names) = parts
    def matrices = [spec: [family, names.replace(';', ',')], file: needed_file('affinity_matrices', path)]
    [matrices] + matrices_of(cells.drop(number))
}

// What [FAMILY=]PATH[#NAME;NAME] can mean: family, path and names, from the longest path to the shortest.
def parts_of(text) {
    def sign = text.indexOf('=')
    def wholes = [['', text]] + (text ==~ /\w+=.+/ ? [[text.take(sign), text.drop(sign + 1)]] : [])
    def named = wholes.findAll { _family, path -> path.lastIndexOf('#') > 0 }.collect { family, path ->
        def end = path.lastIndexOf('#')
        [family, path.take(end), path.drop(end + 1)]
    }
    wholes.collect { family, path -> [family, path, ''] } + named
}

// Files that parameters name, without the sheets and what `check` reads: parameter, file as it was given, file.
def files_of_parameters(given, plan, model, choice, steps) {
    def named = ['motif_db', 'annotation', 'browser_regions'] + ('prepare' in steps ? [] : ['fasta'])
    def of_names = named.collectEntries { name -> [name, given_file(name, given[name])] }
    def single = (of_names + [choice: choice, model: model])
        .findAll { _name, path -> path }
        .collect { name, path -> [name, path.name, path] }
    single + plan.matrices.collect { set ->
        def names = set.spec.last().replace(',', ';')
        ['affinity_matrices', set.file.name + (names ? "#${names}" : ''), set.file]
    }
}

// A folder that the run writes to: made if it is not there, and tried, where it is on this machine.
def writable_folder(option, name) {
    if (name.toString() ==~ /~.*|.*\$.*/) {
        error("--${option} ${name}: neither ~ nor variables are written out here; give the whole path.")
    }
    def folder = path_of(option, name)
    if (folder.scheme == 'file') {
        try {
            java.nio.file.Files.createDirectories(folder)
            java.nio.file.Files.delete(java.nio.file.Files.createTempFile(folder, '.cistill', ''))
        }
        catch (java.nio.file.AccessDeniedException _denied) {
            error("--${option} ${name}: you may not write to this folder (permission denied); choose another one.")
        }
        catch (java.io.IOException problem) {
            def reason = problem.message
            error("--${option} ${name}: nothing can be written to this folder (${reason}); choose another one.")
        }
    }
    folder
}

// The file that a cell of a user's sheet names: a path or address as it stands, or relative to the sheet, in whichever
// of the two forms of accented letters there is such a file; null for an empty cell. `~` is the user's home.
def named_file(name, sheet) {
    if (!name) {
        return null
    }
    def local = name.replaceFirst(/^file:\/\/(localhost)?(?=\/)/, '')
    def coded = local != name && local ==~ /([^%]|%[0-9A-Fa-f]{2})*/
    def plain = coded ? java.net.URLDecoder.decode(local.replace('+', '%2B'), 'UTF-8') : local
    def whole = at_home(plain)
    def forms = [whole] + java.text.Normalizer.Form.values().take(2)
        .collect { form -> java.text.Normalizer.normalize(whole, form) }
    def paths = forms.unique().collect { form ->
        form.startsWith('/') || form.contains('://') ? file(form, glob: false) : sheet.parent.resolve(form)
    }
    paths.find { path -> path.exists() } ?: paths.first()
}

// Names and files, as two lists, of those that exist and can be brought to a task; the commands that check sheets
// report the others.
def existing_files(names, sheet) {
    def found = names.sort(false)
        .collectEntries { name -> [name, file_or_none(name, sheet)] }
        .findAll { _name, path -> path && path.exists() && !is_unfit(path) }
    tuple(found.keySet().toList(), found.values().toList())
}

def file_or_none(name, sheet) {
    try {
        return named_file(name, sheet)
    }
    catch (java.nio.file.InvalidPathException _unfit) {
        return null
    }
}
