include { options } from '../../functions/options'

process MODISCO {
    tag "${meta.id}"
    label 'process_medium'
    cache 'deep'

    input:
    tuple val(meta), path(attributions), path(dataset), path(predictions)
    path motif_db, stageAs: 'motif_db/*'
    val settings

    output:
    tuple val(meta), path("${meta.id}.motifs.h5"), emit: motifs
    tuple val(meta), path("${meta.id}.modisco.h5"), emit: patterns
    tuple val(meta),
        path("${meta.id}.{motifs.tsv,motifs.meme,seqlets.tsv,summit_distances.tsv,footprints.h5,modisco.json}"),
        emit: tables

    script:
    def files = options([motif_db: motif_db, dataset: dataset, predictions: predictions])
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus} NUMBA_NUM_THREADS=${task.cpus}
    cistill modisco --attributions ${attributions} --prefix ${meta.id} ${files} ${options(settings)} \\
        ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.{modisco.h5,motifs.tsv,motifs.h5,motifs.meme,seqlets.tsv} \\
        ${meta.id}.{summit_distances.tsv,footprints.h5,modisco.json}
    """
}
