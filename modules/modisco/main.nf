include { options } from '../options'

process MODISCO {
    tag "${meta.id}"
    label 'process_medium'
    cache 'deep'

    input:
    tuple val(meta), path(attributions), path(dataset), path(predictions)
    path motif_db
    val settings

    output:
    tuple val(meta), path("${meta.id}.motifs.h5"), emit: motifs
    tuple val(meta), path("${meta.id}.modisco.h5"), emit: patterns
    tuple val(meta), path("${meta.id}.{motifs.tsv,motifs.meme,seqlets.tsv,summit_distances.tsv,footprints.h5,modisco.json}"), emit: tables

    script:
    def files = [motif_db: motif_db, dataset: dataset, predictions: predictions].findAll { _name, file -> file }
        .collect { name, file -> "--${name} ${file}" }
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus} NUMBA_NUM_THREADS=${task.cpus}
    \$(type -aP modisco | tail -n 1) --attributions ${attributions} --prefix ${meta.id} ${files.join(' ')} ${options(settings)}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.{modisco.h5,motifs.tsv,motifs.h5,motifs.meme,seqlets.tsv,summit_distances.tsv,footprints.h5,modisco.json}
    """
}
