include { options } from '../../functions/options'

process FILTERHITS {
    tag "${meta.id}"
    label 'process_low'
    cache 'deep'

    input:
    tuple val(meta), path(hits, stageAs: 'given/*'), path(attributions), path(motifs)
    val settings

    output:
    tuple val(meta), path("${meta.id}.hits.bed"), path("${meta.id}.{filter.tsv,filterhits.json}"), emit: hits

    script:
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus}
    cistill filterhits --prefix ${meta.id} --hits ${hits} --attributions ${attributions} --motifs ${motifs} \\
        ${options(settings)} ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.{hits.bed,filter.tsv,filterhits.json}
    """
}
