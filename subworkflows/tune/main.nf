include { TUNE } from '../../modules/tune'
include { PICKTRIAL } from '../../modules/picktrial'

// Datasets to learning rates and count weights, found by short trainings; nothing to do without trials.
workflow TUNING {
    take:
    data // meta, dataset
    preset // JSON file with arguments of the network
    checkpoint_dir // folder for the states of unfinished trials, or empty
    settings // number of trials, options of `tune`

    main:
    trials = data.flatMap { meta, dataset ->
        settings.trials ? (1..settings.trials).collect { trial -> tuple(meta + [id: "${meta.tf}.${trial}".toString(), trial: trial], dataset) } : []
    }
    tried = TUNE(trials, preset, settings.tune, checkpoint_dir)
    tables = tried.map { meta, table, _log -> tuple(groupKey([id: meta.tf, tf: meta.tf], settings.trials), table) }
        .groupTuple()
        .map { meta, found -> tuple(meta.target, found.sort { table -> table.name }) }
    tuned = PICKTRIAL(tables)

    emit:
    tuned // meta, table of trials, chosen settings (JSON)
}
