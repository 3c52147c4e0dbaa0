// The best of the trials of a TF.
process PICKTRIAL {
    tag "${meta.id}"
    label 'process_single'

    input:
    tuple val(meta), path(trials)

    output:
    tuple val(meta), path("${meta.tf}.tuning.tsv"), path("${meta.tf}.tuning.json"), emit: tuning

    script:
    """
    # library ${task.ext.library}
    cistill tune --tf ${meta.tf} ${trials} ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.tf}.tuning.{tsv,json}
    """
}
