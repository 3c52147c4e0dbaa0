include { TUNE } from '../../modules/tune'
include { PICKTRIAL } from '../../modules/picktrial'
include { of_whole_tf } from '../../functions/gathering'
include { options_of } from '../../functions/options'

// Datasets to learning rates and count weights, found by short trainings; nothing to do without trials.
workflow TUNING {
    take:
    data // meta, dataset
    preset // JSON file with arguments of the network
    checkpoint_dir // folder for the states of unfinished trials, or empty
    options // of each command
    plan // `tune_trials`: how many trials

    main:
    trials = data.flatMap { meta, dataset ->
        trials_of(meta, plan.tune_trials).collect { trial -> tuple(trial, dataset) }
    }
    tried = TUNE(trials, preset, options_of(options, 'tune'), checkpoint_dir)
    tables = of_whole_tf(tried.map { meta, table, _log -> tuple(meta, [(table.name): table]) })
    tuned = PICKTRIAL(tables.map { meta, files -> tuple(meta, files.values().toList()) })

    emit:
    tuned // meta, table of trials, chosen settings (JSON)
}

// Meta of each trial of a TF; `of` is how many there are.
def trials_of(meta, number) {
    number
        ? (1..number).collect { trial -> meta + [id: "${meta.tf}.${trial}".toString(), trial: trial, of: number] }
        : []
}
