#!/usr/bin/env nextflow
// cistill: from ChIP reads to what a model of them says of a TF's motifs and their instances.

include { SIMULATE } from './modules/simulate'
include { PREPARATION } from './subworkflows/prepare'
include { TRAINING } from './subworkflows/train'
include { INTERPRETATION } from './subworkflows/interpret'
include { LIBRARIES } from './subworkflows/affinity/libraries'
include { AFFINITY } from './subworkflows/affinity'
include { REPORTING } from './subworkflows/report'
include { checkpoint_folder ; chosen_steps ; closing_words ; command_options ; given_file ; model_file ; models_of ; needed_file ; refuse_unknown ; typed ; usage } from './subworkflows/launch'
include { has_sheet ; keep_files ; read_sheet ; write_sheet } from './subworkflows/sheets'

workflow {
    schema = file("${projectDir}/nextflow_schema.json")
    if (params.help) {
        println(usage(schema))
        exit(0)
    }
    given = typed(params, schema)
    steps = chosen_steps(given.step)
    if (steps == ['affinity'] && !given.affinity) {
        error('--affinity is needed for the step affinity: a sheet of libraries; see docs/usage.md.')
    }
    earlier = given.from ?: given.outdir
    model = model_file(given.model)
    options = command_options(given, model)
    motif_db = channel.value(given.motif_db ? needed_file('motif_db', given.motif_db) : [])
    rivals = motif_db // what scores of sequences are compared with: never the planted motifs of a simulation
    choice = given.choice ? needed_file('choice', given.choice) : []
    checkpoints = checkpoint_folder(given.checkpoint_dir, workflow.workDir)
    affinity_sheet = given.affinity ? channel.value(needed_file('affinity', given.affinity)) : null

    // Reads to a dataset for each TF. Results of this stage and the next two: meta (`id` and `tf`), files by role.
    if ('prepare' in steps) {
        if (given.simulate && !given.input) {
            simulated = SIMULATE(given.simulate, given.seed)
            sheet = simulated.samplesheet
            fasta = simulated.fasta
            motif_db = given.motif_db ? motif_db : simulated.motif_db
            affinity_sheet = affinity_sheet ?: simulated.affinity
        }
        else {
            sheet = channel.value(needed_file('input', given.input))
            fasta = channel.value(given_file(given.fasta))
        }
        genome = fasta.map { file -> tuple(file, given_file(given.exclude), given_file(given.splits)) }
        datasets = PREPARATION(sheet, genome, [given: given, schema: schema], options)
        keep_files(datasets, 'given', given.outdir)
        write_sheet(datasets, 'datasets', given.outdir)
        known = sheet.map { csv -> models_of(csv) }
    }
    else {
        refuse_unknown(given, schema)
        rows = read_sheet('datasets', earlier)
        datasets = channel.fromList(rows)
        known = channel.value(rows.collect { meta, _files -> meta.tf }.join(','))
    }

    // Libraries of sequences whose affinities are wanted: read at once, so that what is wrong with them is known early.
    wanted = 'affinity' in steps && affinity_sheet
    if (wanted) {
        libraries = LIBRARIES(affinity_sheet, known)
    }

    // Datasets to models and their predictions.
    if ('train' in steps) {
        models = TRAINING(datasets, [preset: model, choice: choice], checkpoints, options)
        write_sheet(models, 'models', given.outdir)
    }
    else if (steps.last() != 'prepare') {
        models = channel.fromList(read_sheet('models', earlier))
    }

    // Models to contributions, motifs, motif instances.
    if ('interpret' in steps) {
        interpretations = INTERPRETATION(datasets, models, motif_db, checkpoints, options)
        write_sheet(interpretations, 'interpretations', given.outdir)
    }
    else if (steps.last() in ['affinity', 'report']) {
        interpretations = channel.fromList(read_sheet('interpretations', earlier))
    }

    // Models and libraries to scores and energies. An empty map of files for a TF without libraries.
    if (wanted) {
        affinities = AFFINITY(libraries.libraries, libraries.tfs, datasets, models, interpretations, rivals, checkpoints, options)
        write_sheet(affinities.filter { _meta, files -> files }, 'affinities', given.outdir)
    }
    else if (steps.last() == 'report') {
        found = has_sheet('affinities', earlier) ? read_sheet('affinities', earlier).collectEntries { meta, files -> [meta.tf, files] } : [:]
        affinities = datasets.map { meta, _files -> tuple(meta, found[meta.tf] ?: [:]) }
    }

    // All tables of a TF to its page.
    if ('report' in steps) {
        REPORTING(datasets, models, interpretations, affinities, motif_db)
            .view { meta, page, _summary, _log -> "Report of ${meta.tf}: ${given.outdir}/report/${page.name}" }
    }

    workflow.onComplete = { println(closing_words(workflow, given.outdir)) }
}
