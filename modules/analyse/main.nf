include { options } from '../../functions/options'

// Analyses of a library's scores, of those that its sequences and measurements allow. `settings` holds options for each
// sub-command of `affinity`, and so may `ext.args`.
process ANALYSE {
    tag "${meta.id}"
    label 'process_low'
    cache 'deep'

    input:
    tuple val(meta), path(scores), path(others), path(library), path(facts), path(calibrator), path(dataset),
        path(predictions)
    val settings

    output:
    tuple val(meta), path("${meta.id}.*.{tsv,csv,json}"), emit: tables

    script:
    def deltas = [others].flatten().find { file -> file.name.endsWith('.deltas.h5') }
    def footprints = [others].flatten().find { file -> file.name.endsWith('.footprints.h5') }
    def common = options([prefix: meta.id, task: meta.task])
    def signal = "--dataset ${dataset} --predictions ${predictions}"
    def energies = calibrator && meta.facts.unit == 'kcal/mol' ? "--calibrator ${calibrator}" : ''
    def analyses = [
        variation: "--scores ${scores} ${common}",
        backgrounds: deltas && meta.facts.labelled ? "--deltas ${deltas} ${common}" : '',
        matches: meta.facts.labelled ? "--scores ${scores} ${signal} ${common}" : '',
        footprints: footprints ? "--footprints ${footprints} ${signal} --prefix ${meta.id}" : '',
        energies: meta.facts.distillable ? "--if_possible --scores ${scores} ${common}" : '',
        psam: meta.facts.has_single ? "--if_possible --scores ${scores} ${energies} ${common}" : '',
    ]
    def commands = analyses.findAll { _name, given -> given }.collect { name, given ->
        def last = task.ext.args instanceof Map ? task.ext.args[name] : task.ext.args
        "affinity ${name} ${given} --library ${library} ${options(settings[name])} ${last ?: ''}"
    }
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus}
    cistill ${commands.join(' \\\n        --then ')}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.{variation,variation_scores}.tsv ${meta.id}.variation.json
    """
}
