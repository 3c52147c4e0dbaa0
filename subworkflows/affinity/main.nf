include { MARGINALIZE } from '../../modules/marginalize'
include { MARGINALIZE as MARGINALIZEOTHERS } from '../../modules/marginalize'
include { MERGESCORES } from '../../modules/mergescores'
include { CALIBRATE } from '../../modules/calibrate'
include { SPECIFICITY } from '../../modules/specificity'
include { ANALYSE } from '../../modules/analyse'
include { by_role } from '../sheets'

// Models and libraries of sequences to scores; scores and what was measured to energies.
workflow AFFINITY {
    take:
    libraries // meta, sequences, facts about them
    tfs // map: `names` of the TFs that have libraries
    datasets // meta, files by role
    models // meta, files by role
    interpretations // meta, files by role
    motif_db // MEME file, or [], as a channel
    checkpoint_dir // folder for what unfinished tasks have done, or empty
    settings // options of the commands; `chunks`: parts of a library that are scored side by side; `matrices`: motif files;
    // `specificity`: whether models of other TFs score a library, too

    main:
    known = libraries.map { meta, table, facts -> tuple(meta + [facts: facts_of(facts)], table, facts) }
    networks = datasets.join(models).map { meta, data, model -> tuple(meta.tf, data['dataset/dataset.h5'], model['select/model.safetensors']) }
    parts = known.map { meta, table, _facts -> tuple(meta.tf, meta, table) }
        .combine(networks, by: 0)
        .flatMap { _tf, meta, table, dataset, model -> chunks(settings.chunks).collect { chunk -> tuple(meta + [chunk: chunk], table, dataset, model) } }
    scored = MARGINALIZE(parts, settings.marginalize, checkpoint_dir)
    whole = scored.map { meta, table, others -> tuple(meta.findAll { name, _value -> name != 'chunk' }, table, others) }
    merged = MERGESCORES(
        whole.filter { settings.chunks > 1 }
            .groupTuple(size: settings.chunks)
            .map { meta, tables, others -> tuple(meta, tables.sort { table -> table.name }, others.flatten().sort { file -> file.name }) }
    )
    scores = settings.chunks > 1 ? merged : whole

    // Where something was measured, scores become energies, and are compared with motifs on the same sequences.
    matrices = interpretations.combine(motif_db.map { file -> [file: file] }).map { meta, found, database -> tuple(meta.tf, comparators(found, database.file, settings.matrices)) }
    measured = known.filter { meta, _table, _facts -> meta.facts.labelled }
        .join(scores.map { meta, table, _others -> tuple(meta, table) })
        .map { meta, table, facts, score -> tuple(meta.tf, meta, score, table, facts) }
        .combine(matrices, by: 0)
        .map { _tf, meta, score, table, facts, motifs -> tuple(meta, score, table, facts, motifs.specs, motifs.files) }
    calibrated = CALIBRATE(measured, settings.calibrate)

    // What else a library tells. A library without measurements has no calibrator.
    calibrators = calibrated.map { meta, _tables, logs -> tuple(meta, logs.find { file -> file.name.endsWith('.calibrator.json') }) }
        .mix(known.filter { meta, _table, _facts -> !meta.facts.labelled }.map { meta, _table, _facts -> tuple(meta, []) })
    profiles = datasets.join(models).map { meta, data, model -> tuple(meta.tf, data['dataset/dataset.h5'], model['predict/predictions.h5']) }
    analysed = ANALYSE(
        scores.join(known)
            .join(calibrators)
            .map { row -> tuple(row.first().tf, row) }
            .combine(profiles, by: 0)
            .map { _tf, row, dataset, predictions -> row + [dataset, predictions] }
    )

    // Do the models of other TFs fit a set of measurements, too? They are scored as a whole, by the mean over tasks.
    by_others = MARGINALIZEOTHERS(
        known.filter { meta, _table, _facts -> settings.specificity && meta.facts.labelled }
            .combine(networks)
            .filter { meta, _table, _facts, tf, _dataset, _model -> tf != meta.tf }
            .map { meta, table, _facts, tf, dataset, model -> tuple([id: "${meta.id}.by_${tf}".toString(), model: tf, of: meta], table, dataset, model) },
        settings.marginalize,
        checkpoint_dir,
    )
    compared = SPECIFICITY(
        by_others.map { meta, table, _others -> tuple(meta.of, meta.model, table) }
            .groupTuple()
            .map { meta, names, tables -> [names, tables].transpose().sort { pair -> pair.first() }.transpose().with { pairs -> tuple(meta, pairs[0], pairs[1]) } }
            .join(scores.map { meta, table, _others -> tuple(meta, table) })
            .join(known)
            .map { meta, names, tables, own, table, facts -> tuple(meta, [meta.tf] + names, [own] + tables, table, facts) },
        settings.calibrate,
    )

    // One tuple for each TF, as soon as all of its files are there: files by role; an empty map for TFs without a library.
    several = settings.specificity ? networks.count().map { number -> [count: number > 1 ? 1 : 0] } : channel.value([count: 0])
    sizes = known.combine(several)
        .map { meta, _table, _facts, more -> tuple(groupKey(meta.tf, meta.of), meta.facts.labelled ? 4 + more.count : 3) }
        .groupTuple()
        .map { tf, numbers -> tuple(tf.target, numbers.sum()) }
    results = known.map { meta, table, facts -> tuple(meta.tf, by_role(meta, 'library', [table, facts])) }
        .mix(scores.map { meta, table, others -> tuple(meta.tf, by_role(meta, 'marginalize', [table, others])) })
        .mix(calibrated.map { meta, tables, logs -> tuple(meta.tf, by_role(meta, 'calibrate', [tables, logs])) })
        .mix(analysed.map { meta, tables -> tuple(meta.tf, by_role(meta, 'analyse', [tables])) })
        .mix(compared.map { meta, tables, log -> tuple(meta.tf, by_role(meta, 'specificity', [tables, log])) })
        .combine(sizes, by: 0)
        .map { tf, files, size -> tuple(groupKey(tf, size), files) }
        .groupTuple()
        .map { tf, files -> tuple([id: tf.target, tf: tf.target], files.sum().sort()) }
    without = datasets.combine(tfs)
        .filter { meta, _files, with -> !(meta.tf in with.names) }
        .map { meta, _files, _with -> tuple(meta, [:]) }
    affinities = results.mix(without)

    emit:
    affinities
}

// Names of the parts that a library is scored in, i/n; null for a single one.
def chunks(number) {
    number > 1 ? (1..number).collect { part -> "${part}/${number}".toString() } : [null]
}

// What later tasks must know of a library. (A stub has no facts.)
def facts_of(file) {
    def text = file.text
    def about = text ? new groovy.json.JsonSlurper().parseText(text).results : [labelled: 1, sequences: 1, shortest: 1, longest: 1, classes: [:]]
    [
        labelled: about.labelled > 0,
        sequences: about.sequences,
        unit: about.unit ?: '',
        has_single: 'consensus' in about.classes && 'substitution_1' in about.classes,
        // two sequences for every parameter, at least, of an additive model of sequences of one length
        distillable: about.shortest == about.longest && about.sequences >= 2 * (3 * about.longest + 1),
    ]
}

// What a TF's scores are compared with: its own motifs, those of the database that are like them, and the user's files.
// `specs`: family and names of motifs for each of `files`.
def comparators(found, database, own) {
    def table = found['motifs/merged.motifs.tsv']
    // (A stub's table is empty.)
    def names = database && table.size() ? table.splitCsv(header: true, sep: '\t')
        .findAll { row -> row.weak == 'False' && row.match_1 && row.match_1 != 'NA' }
        .collect { row -> row.match_1.tokenize(' ').first() }
        .unique()
        .take(10) : []
    def sets = [[spec: ['', ''], file: found['motifs/merged.motifs.h5']]]
    sets += names ? [[spec: ['database', names.join(',')], file: database]] : []
    sets += own
    [specs: sets.collect { set -> set.spec }, files: sets.collect { set -> set.file }]
}
