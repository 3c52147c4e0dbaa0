include { MARGINALIZE } from '../../modules/marginalize'
include { MARGINALIZE as MARGINALIZEOTHERS } from '../../modules/marginalize'
include { MERGESCORES } from '../../modules/mergescores'
include { CALIBRATE } from '../../modules/calibrate'
include { SPECIFICITY } from '../../modules/specificity'
include { ANALYSE } from '../../modules/analyse'
include { all_of ; joined ; of_whole_tf } from '../../functions/gathering'
include { options_by_name ; options_of } from '../../functions/options'
include { by_role } from '../../functions/sheets'

// Models and libraries of sequences to scores; scores and what was measured to energies.
workflow AFFINITY {
    take:
    libraries // meta (`of`: how many the TF has), sequences, facts about them
    tfs // map: `names` of the TFs that have libraries
    datasets // meta, files by role
    models // meta, files by role
    merged_motifs // meta, files with the motifs of both heads by role
    motif_db // file of known motifs, or [], as a channel
    checkpoint_dir // folder for what unfinished tasks have done, or empty
    options // of each command
    plan // `affinity_chunks`: parts of a library that are scored side by side; `matrices`: motif files to compare with;
    // `specificity`: whether models of other TFs score a library, too

    main:
    known = libraries.map { meta, table, facts -> tuple(meta + [facts: facts_of(facts)], table, facts) }
    both = joined(datasets, models)
    networks = both.map { meta, data, model ->
        tuple(meta.tf, data['dataset/dataset.h5'], model['select/model.safetensors'])
    }
    parts = known.map { meta, table, _facts -> tuple(meta.tf, meta, table) }
        .combine(networks, by: 0)
        .flatMap { _tf, meta, table, dataset, model ->
            chunks(plan.affinity_chunks).collect { chunk -> tuple(meta + [chunk: chunk], table, dataset, model) }
        }
    scored = MARGINALIZE(parts, options_of(options, 'marginalize'), checkpoint_dir)
    whole = scored.map { meta, table, others -> tuple(meta.findAll { name, _value -> name != 'chunk' }, table, others) }
    in_parts = whole.filter { plan.affinity_chunks > 1 }
        .map { meta, table, others -> tuple(groupKey(meta, chunks(plan.affinity_chunks).size()), table, others) }
        .groupTuple()
        .map { meta, tables, others -> tuple(meta.target, sorted_by_name(tables), sorted_by_name(others)) }
    merged = MERGESCORES(in_parts)
    scores = plan.affinity_chunks > 1 ? merged : whole

    // Where something was measured, scores become energies, and are compared with motifs on the same sequences.
    matrices = merged_motifs.combine(motif_db.map { file -> [file: file] }).map { meta, found, database ->
        tuple(meta.tf, comparators(found, database.file, plan.matrices))
    }
    measured = joined(
            known.filter { meta, _table, _facts -> meta.facts.labelled },
            scores.filter { meta, _table, _others -> meta.facts.labelled },
        )
        .map { meta, table, facts, score, _others -> tuple(meta.tf, meta, score, table, facts) }
        .combine(matrices, by: 0)
        .map { _tf, meta, score, table, facts, motifs -> tuple(meta, score, table, facts, motifs.specs, motifs.files) }
    calibrated = CALIBRATE(measured, options_of(options, 'calibrate'))
    unmeasured = known.filter { meta, _table, _facts -> !meta.facts.labelled }.map { meta, _table, _facts -> meta }

    // What else a library tells. A library without measurements has no calibrator.
    calibrators = calibrated
        .map { meta, _tables, logs -> tuple(meta, logs.find { file -> file.name.endsWith('.calibrator.json') }) }
        .mix(unmeasured.map { meta -> tuple(meta, []) })
    profiles = both.map { meta, data, model ->
        tuple(meta.tf, data['dataset/dataset.h5'], model['predict/predictions.h5'])
    }
    analysed = ANALYSE(
        joined(joined(scores, known), calibrators)
            .map { row -> tuple(row.first().tf, row) }
            .combine(profiles, by: 0)
            .map { _tf, row, dataset, predictions -> row + [dataset, predictions] },
        options_by_name(options, 'affinity'),
    )

    // Do the models of other TFs fit a set of measurements, too? They are scored as a whole, by the mean over tasks.
    // All networks must be there to know which others there are.
    candidates = joined(known, scores).filter { plan.specificity }
        .combine(networks.toList().map { all -> [all: all] })
        .map { meta, table, facts, score, _more, row -> tuple(meta, table, facts, score, others_of(meta, row.all)) }
        .branch { _meta, _table, _facts, _score, others ->
            comparable: others
            alone: true
        }
    by_others = MARGINALIZEOTHERS(
        candidates.comparable.flatMap { meta, table, _facts, _score, others ->
            others.collect { tf, dataset, model ->
                def id = "${meta.id}.by_${tf}".toString()
                tuple([id: id, model: tf, own: meta, of: others.size()], table, dataset, model)
            }
        },
        options_of(options, 'marginalize'),
        checkpoint_dir,
    )
    of_others = by_others
        .map { meta, table, _others -> tuple(groupKey(meta.own, meta.of), [name: meta.model, table: table]) }
        .groupTuple()
        .map { meta, found -> tuple(meta.target, found.sort { other -> other.name }) }
    compared = SPECIFICITY(
        joined(candidates.comparable, of_others).map { meta, table, facts, score, _all, others ->
            def names = others.collect { other -> other.name }
            def tables = others.collect { other -> other.table }
            tuple(meta, [meta.tf] + names, [score] + tables, table, facts)
        },
        options_of(options, 'affinity.specificity'),
    )
    uncompared = plan.specificity ? candidates.alone.map { row -> row.first() } : known.map { row -> row.first() }

    // One tuple for each library, then one for each TF, as soon as all of its files are there: files by role; an empty
    // map for TFs without a library.
    of_library = all_of([
        known.map { meta, table, facts -> tuple(meta, by_role(meta, 'library', [table, facts])) },
        scores.map { meta, table, others -> tuple(meta, by_role(meta, 'marginalize', [table, others])) },
        calibrated.map { meta, tables, logs -> tuple(meta, by_role(meta, 'calibrate', [tables, logs])) }
            .mix(unmeasured.map { meta -> tuple(meta, [:]) }),
        analysed.map { meta, tables -> tuple(meta, by_role(meta, 'analyse', [tables])) },
        compared.map { meta, tables, log -> tuple(meta, by_role(meta, 'specificity', [tables, log])) }
            .mix(uncompared.map { meta -> tuple(meta, [:]) }),
    ])
    without = datasets.combine(tfs)
        .filter { meta, _files, with -> !(meta.tf in with.names) }
        .map { meta, _files, _with -> tuple(meta, [:]) }
    affinities = of_whole_tf(of_library).mix(without)

    emit:
    affinities
}

// Names of the parts that a library is scored in, i/n; null for a single one.
def chunks(number) {
    number > 1 ? (1..number).collect { part -> "${part}/${number}".toString() } : [null]
}

// Names, datasets and models of the other TFs, with which a library that was measured is compared.
def others_of(meta, networks) {
    networks.findAll { tf, _dataset, _model -> meta.facts.labelled && tf != meta.tf }
}

def sorted_by_name(files) {
    files.flatten().sort { file -> file.name }
}

// What later tasks must know of a library. (A stub has no facts.)
def facts_of(file) {
    def text = file.text
    def stub = [labelled: 1, sequences: 1, shortest: 1, longest: 1, classes: [:]]
    def about = text ? new groovy.json.JsonSlurper().parseText(text).results : stub
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
