#!/usr/bin/env nextflow
// cistill: from ChIP reads to what a model of them says of a TF's motifs and their instances.

include { CONFIGURE } from './modules/configure'
include { SIMULATE } from './modules/simulate'
include { PREPARATION } from './subworkflows/prepare'
include { TRAINING } from './subworkflows/train'
include { INTERPRETATION } from './subworkflows/interpret'
include { LIBRARIES } from './subworkflows/affinity/libraries'
include { AFFINITY } from './subworkflows/affinity'
include { REPORTING } from './subworkflows/report'
include { note_gaps } from './functions/gathering'
include { files_of_parameters ; given_file ; model_file ; needed_file } from './functions/files'
include { refuse_unfit ; splits_files ; writable_folder } from './functions/files'
include { checkpoint_folder ; chosen_steps ; plan_of ; windows_of } from './functions/launch'
include { options_in ; parsed ; refuse_two_hyphens ; tasks_in ; typed ; usage } from './functions/launch'
include { closing_words ; fail ; faults_of } from './functions/launch'
include { options_of } from './functions/options'
include { bigwig_places ; earlier_results ; keep_given ; read_sheet ; results_before } from './functions/sheets'
include { tfs_of_sheet ; write_sheet } from './functions/sheets'

workflow {
    schema = file("${projectDir}/nextflow_schema.json")
    if (params.help) {
        println(usage(schema))
        exit(0)
    }
    refuse_two_hyphens(params)
    given = typed(params, schema)
    steps = chosen_steps(given.step)
    if (steps == ['affinity'] && !given.affinity) {
        error('--affinity is needed for the step affinity: a sheet of libraries; see docs/usage.md.')
    }
    outdir = given.outdir
    earlier = given.from ?: outdir
    refuse_unfit(['-work-dir': workflow.workDir] + ('prepare' in steps ? [:] : ['--from': earlier]))
    model = model_file(given.model)
    plan = plan_of(given, schema)
    motif_db = channel.value(given.motif_db ? needed_file('motif_db', given.motif_db) : [])
    compared_motifs = motif_db // what scores of sequences are compared with: never the planted motifs of a simulation
    choice = given.choice ? needed_file('choice', given.choice) : []
    checkpoints = checkpoint_folder(given.checkpoint_dir, workflow.workDir)
    writable_folder('outdir', outdir)
    if (given.checkpoint_dir) {
        writable_folder('checkpoint_dir', given.checkpoint_dir)
    }
    libraries_file = given.affinity ? needed_file('affinity', given.affinity) : null
    samplesheet = 'prepare' in steps && (given.input || !given.simulate) ? needed_file('input', given.input) : null
    gaps = [].asSynchronized() // filled while the run goes on: results that are missing, of which the end reports

    // Parameters and the file of options to the options of each command; sheets to what they name; all files that
    // parameters name, and results that this run starts from, are read. If anything is wrong with them, that is all.
    chosen = given.options ? needed_file('options', given.options) : []
    user_sheets = [samplesheet ?: [], libraries_file ?: []]
    to_read = files_of_parameters(given, plan, model, choice, steps) + results_before(steps, earlier)
    given_files = [to_read.collect { row -> row.take(2) }, to_read.collect { row -> row.last() }]
    configured = CONFIGURE(given, schema, chosen, workflow.manifest.version, user_sheets, given_files)
    named = configured.sheets.map { json -> parsed(json) }
    named_in_affinity = named
    options = options_in(configured.configuration, 'prepare' in steps && given.input)
    affinity_sheet = libraries_file ? options.map { _options -> libraries_file } : null

    // Reads to a dataset for each TF. Results of this stage and the next two: meta (`id` and `tf`), files by role.
    if ('prepare' in steps) {
        if (!samplesheet) {
            simulated = SIMULATE(given.simulate, options_of(options, 'simulate'))
            sheet = simulated.samplesheet
            fasta = simulated.fasta
            motif_db = given.motif_db ? motif_db : simulated.motif_db
            named = simulated.sheets.map { json -> parsed(json) }
            named_in_affinity = affinity_sheet ? named_in_affinity : named
            affinity_sheet = affinity_sheet ?: simulated.affinity
        }
        else {
            sheet = channel.value(samplesheet)
            fasta = channel.value(given_file('fasta', given.fasta))
        }
        genome = fasta.map { file -> tuple(file, given_file('exclude', given.exclude), splits_files(given.splits)) }
        prepared = PREPARATION(sheet, named, genome, given, windows_of(model), configured.configuration, options)
        datasets = prepared.datasets
        tfs = prepared.tfs
        keep_given(datasets, outdir)
        write_sheet(datasets, 'datasets', outdir)
        known = named.map { sheets -> tasks_in(sheets, plan) }
    }
    else {
        fasta = channel.value(given.fasta ? needed_file('fasta', given.fasta) : [])
        rows = read_sheet('datasets', earlier)
        datasets = options.flatMap { _options -> rows }
        tfs = channel.value(tfs_of_sheet('datasets', earlier))
        known = tfs.map { names -> names.join(',') }
    }
    note_gaps(datasets, tfs, 'dataset', gaps)

    // Libraries of sequences whose affinities are wanted: read at once, and no training starts before all are good.
    wanted = 'affinity' in steps && affinity_sheet
    if (wanted) {
        libraries = LIBRARIES(affinity_sheet, named_in_affinity, known, options)
        datasets = datasets.combine(libraries.tfs).map { meta, files, _with_libraries -> tuple(meta, files) }
    }

    // Datasets to models and their predictions.
    if ('train' in steps) {
        models = TRAINING(datasets, [preset: model, choice: choice], checkpoints, options, plan)
        note_gaps(models, tfs, 'model', gaps)
        write_sheet(models, 'models', outdir)
    }
    else if (steps.last() != 'prepare') {
        models = channel.fromList(read_sheet('models', earlier))
    }

    // Models to contributions, motifs, motif instances.
    if ('interpret' in steps) {
        interpreted = INTERPRETATION(datasets, models, motif_db, checkpoints, options, plan)
        interpretations = interpreted.interpretations
        merged_motifs = interpreted.merged_motifs // scores are calibrated while instances are called
        note_gaps(interpretations, tfs, 'interpretation', gaps)
        write_sheet(interpretations, 'interpretations', outdir)
    }
    else if (steps.last() in ['affinity', 'report']) {
        interpretations = channel.fromList(read_sheet('interpretations', earlier))
        merged_motifs = interpretations
    }

    // Models and libraries to scores and energies. An empty map of files for a TF without libraries.
    if (wanted) {
        affinities = AFFINITY(
            libraries.libraries,
            libraries.tfs,
            datasets,
            models,
            merged_motifs,
            compared_motifs,
            checkpoints,
            options,
            plan,
        )
        note_gaps(affinities, tfs, 'affinities', gaps)
        write_sheet(affinities.filter { _meta, files -> files }, 'affinities', outdir)
    }
    else if (steps.last() == 'report') {
        affinities = earlier_results('affinities', datasets, earlier)
    }

    // All tables of a TF to its page, and to files of genome browsers.
    if ('report' in steps) {
        browsed = [
            wanted: given.browser,
            fasta: fasta,
            annotation: given.annotation ? needed_file('annotation', given.annotation) : [],
            regions: given.browser_regions ? needed_file('browser_regions', given.browser_regions) : [],
            published: bigwig_places(steps, earlier, outdir),
        ]
        reports = REPORTING(datasets, models, interpretations, affinities, motif_db, browsed, options, plan)
        note_gaps(reports, tfs, 'report', gaps)
        reports.view { meta, page, _summary, _log -> "Report of ${meta.tf}: ${outdir}/report/${page.name}" }
    }

    workflow.onComplete = {
        def faults = workflow.success ? faults_of(gaps, steps, outdir) : []
        println(closing_words(workflow, faults, outdir))
        if (faults) {
            fail()
        }
    }
}
