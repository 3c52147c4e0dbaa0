include { options } from '../../functions/options'

// Motif instances by the method `meta.method`, the command's default if it names none. `settings` holds options for
// each method.
process CALLHITS {
    tag "${meta.id}"
    label 'process_low'
    cache 'deep'

    input:
    tuple val(meta), path(attributions), path(motifs), path(patterns)
    val settings

    output:
    tuple val(meta), path("${meta.id}.hits.bed"), path("${meta.id}.callhits.json"), emit: hits

    script:
    def of_method = settings[meta.method ?: 'cwm_scan']
    def own = meta.method ? [method: meta.method] : [:]
    def modisco = meta.method == 'density' ? "--modisco ${patterns}" : ''
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus} NUMBA_NUM_THREADS=${task.cpus}
    cistill callhits --prefix ${meta.id} --attributions ${attributions} --motifs ${motifs} ${modisco} \\
        ${options(own)} ${options(of_method)} ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.{hits.bed,callhits.json}
    """
}
