include { options } from '../options'

process MODISCO {
    tag "${meta.id}"
    label 'process_medium'
    cache 'deep'

    input:
    tuple val(meta), path(attributions)
    path motif_db
    val settings

    output:
    tuple val(meta), path("${meta.id}.motifs.h5"), emit: motifs
    tuple val(meta), path("${meta.id}.{modisco.h5,motifs.tsv,motifs.meme,seqlets.tsv,modisco.json}"), emit: tables

    script:
    def database = motif_db ? "--motif_db ${motif_db}" : ''
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus} NUMBA_NUM_THREADS=${task.cpus}
    \$(type -aP modisco | tail -n 1) --attributions ${attributions} --prefix ${meta.id} ${database} ${options(settings)}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.{modisco.h5,motifs.tsv,motifs.h5,motifs.meme,seqlets.tsv,modisco.json}
    """
}
