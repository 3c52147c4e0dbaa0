include { options } from '../../functions/options'

process COVERAGE {
    tag "${meta.id}"
    label 'process_single'

    input:
    tuple val(meta), path(bam, stageAs: 'reads/*')
    path sizes
    val settings

    output:
    tuple val(meta), path("${meta.id}.plus.bw"), path("${meta.id}.minus.bw"), path("${meta.id}.coverage.json"),
        emit: counts

    script:
    def genome = sizes ? "--sizes ${sizes}" : ''
    """
    # library ${task.ext.library}
    cistill coverage --bam ${bam} --readset ${meta.id} ${genome} ${options(settings)} ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.{plus.bw,minus.bw,coverage.json}
    """
}
