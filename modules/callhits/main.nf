include { options } from '../options'

process CALLHITS {
    tag "${meta.id}"
    label 'process_low'
    cache 'deep'

    input:
    tuple val(meta), path(attributions), path(motifs)
    val settings

    output:
    tuple val(meta), path("${meta.id}.hits.bed"), path("${meta.id}.callhits.json"), emit: hits

    script:
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus}
    callhits --prefix ${meta.id} --attributions ${attributions} --motifs ${motifs} ${options(settings)}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.{hits.bed,callhits.json}
    """
}
