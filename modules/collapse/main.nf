include { options } from '../../functions/options'

process COLLAPSE {
    tag "${meta.id}"
    label 'process_single'
    cache 'deep'

    input:
    tuple val(meta), path(hits, stageAs: 'given/*'), path(merged)
    val settings

    output:
    tuple val(meta), path("${meta.tf}.hits.bed"), path("${meta.tf}.collapse.json"), emit: hits

    script:
    """
    # library ${task.ext.library}
    cistill collapse --prefix ${meta.tf} ${merged ? "--merged ${merged}" : ''} ${options(settings)} ${hits} \\
        ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.tf}.{hits.bed,collapse.json}
    """
}
