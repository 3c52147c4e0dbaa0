// What a run starts with, the steps and files that its parameters choose, and what it ends with.

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

// Parameters with the types that the schema gives them: Nextflow takes those of the command line for numbers where they
// look so, or all for text, by its version. What does not fit stays as it is, and is reported with other problems.
def typed(given, schema) {
    def kinds = parameter_groups(schema).collectEntries { group ->
        group.properties.collectEntries { name, about -> [name, about.type] }
    }
    given.collectEntries { name, value -> [name, value == null ? null : as_type(value.toString(), kinds[name], value)] }
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

// Steps after the first run without `check`: a misspelt parameter must not go unnoticed.
def refuse_unknown(given, schema) {
    def known = parameter_groups(schema).collectMany { group -> group.properties.keySet() }
    def unknown = given.keySet() - known
    if (unknown) {
        def names = unknown.sort().collect { name -> "--${name}" }.join(', ')
        error("Unknown parameter: ${names}; --help lists all parameters.")
    }
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

// The file that a parameter names; an empty list, which Nextflow takes for no file, if it is not given or not there.
def given_file(name) {
    def path = name ? file(name, glob: false) : null
    path?.exists() ? path : []
}

// The JSON file of a model: one of assets/models by name, or the user's by path.
def model_file(name) {
    def own = name.toString().endsWith('.json')
    def path = own ? file(name, glob: false) : file("${projectDir}/assets/models/${name}.json")
    if (!path.exists()) {
        def known = files("${projectDir}/assets/models/*.json").collect { preset -> preset.baseName }.sort().join(', ')
        error("--model ${name}: no such model; give ${known}, or a JSON file like those in assets/models.")
    }
    path
}

// A file that a run cannot do without.
def needed_file(option, name) {
    if (!name) {
        error("--${option} is needed; --help lists all parameters.")
    }
    def path = file(name, glob: false)
    if (!path.exists()) {
        error("--${option} ${name}: no such file.")
    }
    path
}

// Lengths of the model's windows, as options of `dataset`.
def windows_of(model) {
    new groovy.json.JsonSlurper().parse(model).subMap(['input_length', 'output_length'])
}

// Options of each command, from the parameters.
def command_options(given) {
    def seed = given.subMap(['seed'])
    def training = ['filters', 'layers', 'batch_size', 'background_ratio', 'precision', 'seed']
    def calling = given.subMap(['min_confidence', 'include_weak', 'seed']) + [window: given.hit_window]
    [
        check: given.subMap(['folds', 'test_chroms', 'valid_chroms', 'allow_fractional_counts']),
        simulate: seed,
        coverage: given.subMap(['min_mapq', 'mate', 'drop_duplicates', 'keep_secondary', 'keep_supplementary']) +
            given.subMap(['keep_qc_fail', 'keep_mate_unmapped']),
        dataset: given.subMap(['input_length', 'output_length', 'max_jitter']).findAll { _name, value -> value } +
            given.subMap(['folds', 'test_chroms', 'valid_chroms', 'train_background_per_peak', 'background_margin']) +
            given.subMap(['locus_distance', 'allow_fractional_counts', 'seed']),
        tune: [epochs: given.tune_epochs] + given.subMap(training),
        train: given.subMap(training + ['epochs', 'learning_rate', 'count_weight', 'patience']),
        finetune: [epochs: given.finetune_epochs, restarts: given.finetune_restarts, each: given.keep == 'all'] +
            given.subMap(['batch_size', 'background_ratio', 'seed']),
        select: given.subMap(['keep']),
        predict: [regions: given.predict_regions, bigwigs: given.predict_bigwigs] + seed,
        shap: [bigwigs: given.contribution_bigwigs] + given.subMap(['n_shuffles', 'weighting', 'seed']),
        modisco: [window: given.modisco_window] +
            given.subMap(['max_seqlets', 'min_seqlets', 'max_regions', 'seqlet_fdr', 'leiden_runs', 'seed']),
        'callhits.cwm_scan': calling + [fdr: given.hit_fdr, decoys: given.hit_decoys],
        'callhits.density': calling,
        'callhits.finemo': calling,
        'callhits.scan': calling,
        filterhits: [window: given.hit_window] + seed,
        comparehits: [tolerance: given.site_tolerance, reach: given.site_reach, class_regex: given.site_class_regex],
        summarizehits: seed,
        marginalize: given.subMap(['n_backgrounds', 'orientations', 'reject', 'seed']),
        calibrate: given.subMap(['sample_share', 'sample_most', 'seed']),
        'affinity.specificity': given.subMap(['sample_share', 'sample_most', 'seed']),
    ]
}

// What decides which tasks run: the parameters, the callers by name, and the files of motifs to compare scores with.
def plan_of(given) {
    given + [methods: caller_names(given.hit_methods), matrices: matrix_files(given.affinity_matrices)]
}

// The callers of motif instances that --hit_methods names.
def caller_names(text) {
    def known = ['cwm_scan', 'density', 'finemo', 'scan']
    def named = text.toString().tokenize(', ').unique()
    if (!named || !known.containsAll(named)) {
        error("--hit_methods ${text}: the methods are ${known.join(', ')}; separate several by commas.")
    }
    named
}

// Motif files to compare scores with, [FAMILY=]PATH[#NAME;NAME], separated by commas: family, names and file of each.
def matrix_files(text) {
    (text ?: '').tokenize(',').collect { cell ->
        def (path, names) = (cell.trim().tokenize('#') + [''])
        def parts = path.tokenize('=')
        def family = parts.size() > 1 ? parts.first() : ''
        [spec: [family, names.replace(';', ',')], file: needed_file('affinity_matrices', parts.last())]
    }
}

// TFs and their tasks, as `checklibraries` takes them, of a samplesheet.
def models_of(sheet) {
    sheet.splitCsv(header: true, strip: true).collect { row -> "${row.tf}/${row.task ?: row.tf}" }.unique().join(',')
}

// Where unfinished tasks keep what they have done: a folder that all tasks see; or none, and a task that is tried again
// starts from its beginning.
def checkpoint_folder(given, work) {
    given ? file(given).toUriString() : work.scheme == 'file' ? "${work}/checkpoints".toString() : ''
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
        .findAll { _name, path -> file(path).exists() }
        .collect { name, path -> "${name.padRight(9)} ${path}" }
    ([''] + faults.collect { fault -> "ERROR ~ ${fault}" } + [fate] + places + ['']).join('\n')
}
