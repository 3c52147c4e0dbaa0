// What a run starts with, the steps and files that its parameters choose, and what it ends with.

include { matrix_files } from './files'
include { missing_files } from './sheets'

// Every parameter that nextflow_schema.json describes, in its groups.
def parameter_groups(schema) {
    new groovy.json.JsonSlurper().parse(schema).'$defs'.values()
}

// Every parameter with its meaning and default.
def usage(schema) {
    def groups = parameter_groups(schema).collect { group ->
        def lines = group.properties.collect { name, about ->
            "  --${name.padRight(26)} ${about.description}" + (about.default == null ? '' : " [${about.default}]")
        }
        "${group.title}: ${group.description}\n${lines.join('\n')}"
    }
    def first = 'nextflow run . --input samplesheet.csv --fasta genome.fa.gz --outdir results'
    "${first}\n\n${groups.join('\n\n')}\n\nMore in docs/usage.md."
}

// Refuse options of Nextflow itself, which have one hyphen, among the parameters: nothing would come of them.
def refuse_two_hyphens(given) {
    def own = ['ansi-log', 'bg', 'bucket-dir', 'c', 'C', 'cache', 'config', 'dump-channels', 'dump-hashes', 'entry'] +
        ['hub', 'latest', 'lib', 'log', 'main-script', 'name', 'offline', 'output-dir', 'params-file', 'plugins'] +
        ['preview', 'profile', 'q', 'queue-size', 'quiet', 'r', 'resume', 'revision', 'stub', 'stub-run', 'syslog'] +
        ['user', 'w', 'work-dir']
    def named = given.keySet()
        .collect { name -> name.size() > 1 ? name.replaceAll(/(?<=[a-z])([A-Z])/, '-$1').toLowerCase() : name }
        .findAll { name -> name in own || name ==~ /with(out)?-\w+/ }
        .unique()
    if (named) {
        def (two, one) = ['--', '-'].collect { hyphens -> named.collect { name -> hyphens + name }.join(', ') }
        error("${two}: an option of Nextflow has one hyphen; write ${one}.")
    }
}

// Parameters with the types that the schema gives them: Nextflow takes those of the command line for numbers where they
// look so, or all for text, by its version. A list, of a file of parameters, is its values separated by commas. What
// does not fit stays as it is, and is reported with other problems.
def typed(given, schema) {
    def kinds = parameter_groups(schema).collectEntries { group ->
        group.properties.collectEntries { name, about -> [name, about.type] }
    }
    given.collectEntries { name, value ->
        def text = value instanceof List ? value.join(',') : value.toString()
        [name, value == null ? null : as_type(text, kinds[name], value)]
    }
}

def as_type(text, kind, otherwise) {
    def converted = [
        string: { text },
        integer: { text.isInteger() ? text.toInteger() : null },
        number: { text.isBigDecimal() ? text.toBigDecimal() : null },
        boolean: { text in ['true', 'false'] ? text == 'true' : null },
    ]
    def value = kind in converted ? converted[kind]() : null
    value == null ? otherwise : value
}

// The stages of the pipeline in their order.
def all_steps() {
    ['prepare', 'train', 'interpret', 'affinity', 'report']
}

// The stages that --step names: `all`, or neighbours in the order of the pipeline.
def chosen_steps(text) {
    def named = text == 'all' ? all_steps() : text.toString().tokenize(', ')
    if (!named || !named.every { step -> step in all_steps() }) {
        error("--step ${text}: the steps are ${all_steps().join(', ')}, or all.")
    }
    def positions = named.collect { step -> all_steps().indexOf(step) }
    if (positions != (positions.first()..positions.last()).toList()) {
        error("--step ${text}: the steps follow one another as in ${all_steps().join(', ')}.")
    }
    named
}

// Lengths of the model's windows, as options of `dataset`.
// (A file that is no such JSON is reported by `configure`.)
def windows_of(model) {
    try {
        return new groovy.json.JsonSlurper().parse(model).subMap(['input_length', 'output_length'])
    }
    catch (Exception _damaged) {
        return [:]
    }
}

// Options of each command, of a configuration without problems. Its problems end the run, unless `later`: then the
// check of the input reports them with its own.
def options_in(configuration, later) {
    configuration
        .map { json, problems ->
            def found = problems.readLines()
            found && !later ? error(heading(found)) : [options: parsed(json), problems: found]
        }
        .filter { row -> !row.problems }
        .map { row -> row.options }
}

def parsed(json) {
    new groovy.json.JsonSlurper().parse(json)
}

def heading(problems) {
    def number = problems.size() == 1 ? '1 problem' : "${problems.size()} problems"
    (["${number} in the parameters and options; nothing was run"] + problems).join('\n  ')
}

// What decides which tasks run: the parameters, the callers by name, and the files of motifs to compare scores with.
def plan_of(given, schema) {
    def callers = parameter_groups(schema).collectMany { group -> group.properties.hit_methods?.examples ?: [] }
    // (A number of parts that is none is reported with the other problems of the parameters.)
    def parts = given.affinity_chunks instanceof Integer ? given.affinity_chunks : 1
    def methods = caller_names(given.hit_methods, callers)
    given + [affinity_chunks: parts, methods: methods, matrices: matrix_files(given.affinity_matrices)]
}

// The callers of motif instances that --hit_methods names, of those known.
def caller_names(text, known) {
    def named = text.toString().tokenize(', ').unique()
    if (!named || !known.containsAll(named)) {
        error("--hit_methods ${text}: the methods are ${known.join(', ')}; separate several by commas.")
    }
    named
}

// TFs and their tasks, as `checklibraries` takes them. Networks of one task are named by it, those of all tasks `all`.
def tasks_in(sheets, plan) {
    def of_tfs = sheets.samplesheet.tasks.groupBy { task -> task.tokenize('/').first() }
    def unclear = of_tfs.findAll { tf, tasks -> tasks.size() > 1 && "${tf}/all".toString() in tasks }.keySet()
    if (plan.single_tasks && unclear) {
        error("--single_tasks: a task of ${unclear.join(', ')} is named 'all', as networks of all tasks; rename it.")
    }
    sheets.samplesheet.tasks.join(',')
}

// Where unfinished tasks keep what they have done: a folder that all tasks see; or none, and a task that is tried again
// starts from its beginning.
def checkpoint_folder(given, work) {
    given ? file(given, glob: false).toUriString() : work.scheme == 'file' ? "${work}/checkpoints".toString() : ''
}

// What a check found, without the name of the command that found it.
def problems_in(file) {
    file.text.trim().replaceAll(/(?m)^\w+: error: /, '')
}

// What is wrong with a finished run: TFs that lack results, and files that its sheets name and that are not there.
def faults_of(gaps, steps, outdir) {
    def sheets = [prepare: 'datasets', train: 'models', interpret: 'interpretations', affinity: 'affinities']
    def lacking = gaps.groupBy { gap -> gap.tf }.collect { tf, own ->
        def what = own.collect { gap -> gap.what }.join(', ')
        "no ${what} of ${tf}: results were lost between tasks, a fault of the pipeline; please report it."
    }
    def missing = sheets.subMap(steps).values().collectMany { name ->
        missing_files(name, outdir).collect { path -> "sheets/${name}.csv names ${path}, which is not there." }
    }
    lacking + missing
}

// Let a run that has come to its end exit as one that failed.
def fail() {
    nextflow.Global.session.abort()
}

// What a finished run reports: how it went, how long it took, and where its results are, as far as there are any.
def closing_words(run, faults, outdir) {
    def tasks = "${run.stats.succeedCount} tasks run, ${run.stats.cachedCount} taken from an earlier run"
    def fate = run.success && !faults ? "Finished in ${run.duration}: ${tasks}" : "Failed after ${run.duration}"
    def places = [Results: outdir, Reports: "${outdir}/report", Tasks: "${outdir}/pipeline_info/trace.tsv"]
        .findAll { _name, path -> file(path, glob: false).exists() }
        .collect { name, path -> "${name.padRight(9)} ${path}" }
    ([''] + faults.collect { fault -> "ERROR ~ ${fault}" } + [fate] + places + ['']).join('\n')
}
