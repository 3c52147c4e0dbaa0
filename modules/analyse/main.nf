// Analyses of a library's scores, of those that its sequences and measurements allow.
process ANALYSE {
    tag "${meta.id}"
    label 'process_low'
    cache 'deep'

    input:
    tuple val(meta), path(scores), path(others), path(library), path(facts), path(calibrator), path(dataset), path(predictions)

    output:
    tuple val(meta), path("${meta.id}.*.{tsv,csv,json}"), emit: tables

    script:
    def deltas = [others].flatten().find { file -> file.name.endsWith('.deltas.h5') }
    def footprints = [others].flatten().find { file -> file.name.endsWith('.footprints.h5') }
    def task_option = meta.task ? "--task ${meta.task}" : ''
    def common = "--prefix ${meta.id} ${task_option}"
    def signal = "--dataset ${dataset} --predictions ${predictions}"
    def energies = calibrator && meta.facts.unit == 'kcal/mol' ? "--calibrator ${calibrator}" : ''
    def commands = [
        "variation --scores ${scores} --library ${library} ${common}",
        deltas && meta.facts.labelled ? "backgrounds --deltas ${deltas} --library ${library} ${common}" : '',
        meta.facts.labelled ? "matches --scores ${scores} --library ${library} ${signal} ${common}" : '',
        footprints ? "footprints --footprints ${footprints} --library ${library} ${signal} --prefix ${meta.id}" : '',
        meta.facts.distillable ? "energies --if_possible --scores ${scores} --library ${library} ${common}" : '',
        meta.facts.has_single ? "psam --scores ${scores} --library ${library} ${energies} ${common}" : '',
    ]
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus}
    ${commands.findAll().collect { command -> "affinity ${command}" }.join('\n    ')}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.{variation,variation_scores}.tsv ${meta.id}.variation.json
    """
}
