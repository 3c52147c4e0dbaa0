#!/usr/bin/env nextflow
// cistill: from ChIP reads to what a model of them says of a TF's motifs and their instances.

include { SIMULATE } from './modules/simulate'
include { PREPARATION } from './subworkflows/prepare'
include { TRAINING } from './subworkflows/train'
include { INTERPRETATION } from './subworkflows/interpret'
include { REPORTING } from './subworkflows/report'
include { checkpoint_folder ; chosen_steps ; closing_words ; command_options ; given_file ; model_file ; needed_file ; refuse_unknown ; typed ; usage } from './subworkflows/launch'
include { keep_files ; read_sheet ; write_sheet } from './subworkflows/sheets'

workflow {
    schema = file("${projectDir}/nextflow_schema.json")
    if (params.help) {
        println(usage(schema))
        exit(0)
    }
    given = typed(params, schema)
    steps = chosen_steps(given.step)
    earlier = given.from ?: given.outdir
    model = model_file(given.model)
    options = command_options(given, model)
    motif_db = given.motif_db ? needed_file('motif_db', given.motif_db) : []
    choice = given.choice ? needed_file('choice', given.choice) : []

    // Reads to a dataset for each TF. Results of this stage and the next two: meta (`id` and `tf`), files by role.
    if ('prepare' in steps) {
        if (given.simulate && !given.input) {
            simulated = SIMULATE(given.simulate, given.seed)
            sheet = simulated.samplesheet
            fasta = simulated.fasta
            motif_db = given.motif_db ? motif_db : simulated.motif_db
        }
        else {
            sheet = channel.value(needed_file('input', given.input))
            fasta = channel.value(given_file(given.fasta))
        }
        genome = fasta.map { file -> tuple(file, given_file(given.exclude), given_file(given.splits)) }
        datasets = PREPARATION(sheet, genome, [given: given, schema: schema], options)
        keep_files(datasets, 'given', given.outdir)
        write_sheet(datasets, 'datasets', given.outdir)
    }
    else {
        refuse_unknown(given, schema)
        datasets = channel.fromList(read_sheet('datasets', earlier))
    }

    // Datasets to models and their predictions.
    if ('train' in steps) {
        models = TRAINING(datasets, [preset: model, choice: choice], checkpoint_folder(given.checkpoint_dir, workflow.workDir), options)
        write_sheet(models, 'models', given.outdir)
    }
    else if (steps.last() in ['interpret', 'report']) {
        models = channel.fromList(read_sheet('models', earlier))
    }

    // Models to contributions, motifs, motif instances.
    if ('interpret' in steps) {
        interpretations = INTERPRETATION(datasets, models, motif_db, options)
        write_sheet(interpretations, 'interpretations', given.outdir)
    }
    else if ('report' in steps) {
        interpretations = channel.fromList(read_sheet('interpretations', earlier))
    }

    // All tables of a TF to its page.
    if ('report' in steps) {
        REPORTING(datasets, models, interpretations, motif_db)
            .view { meta, page, _summary, _log -> "Report of ${meta.tf}: ${given.outdir}/report/${page.name}" }
    }

    workflow.onComplete = { println(closing_words(workflow, given.outdir)) }
}
