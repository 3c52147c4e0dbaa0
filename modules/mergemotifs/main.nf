include { options } from '../../functions/options'

process MERGEMOTIFS {
    tag "${meta.id}"
    label 'process_single'
    cache 'deep'

    input:
    tuple val(meta), path(counts), path(profile)
    path motif_db, stageAs: 'motif_db/*'
    val settings

    output:
    tuple val(meta), path("${meta.tf}.merged.motifs.h5"), emit: motifs
    tuple val(meta), path("${meta.tf}.{merged.tsv,merged.motifs.tsv,merged.motifs.meme,merge.json}"), emit: tables

    script:
    def database = motif_db ? "--motif_db ${motif_db}" : ''
    """
    # library ${task.ext.library}
    cistill motifs merge-heads --prefix ${meta.tf} --counts ${counts} --profile ${profile} ${database} \\
        ${options(settings)} ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.tf}.{merged.motifs.h5,merged.tsv,merged.motifs.tsv,merged.motifs.meme,merge.json}
    """
}
