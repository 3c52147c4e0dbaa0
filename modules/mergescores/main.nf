include { options } from '../../functions/options'

process MERGESCORES {
    tag "${meta.id}"
    label 'process_single'
    cache 'deep'

    input:
    tuple val(meta), path(scores), path(others)

    output:
    tuple val(meta), path("${meta.id}.scores.tsv"), path("${meta.id}.{marginalize.json,deltas.h5}"), emit: scores

    script:
    """
    # library ${task.ext.library}
    cistill marginalize --prefix ${meta.id} ${options([merge: [scores].flatten()])} ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.{scores.tsv,marginalize.json}
    """
}
