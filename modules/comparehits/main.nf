include { options } from '../options'

process COMPAREHITS {
    tag "${meta.id}"
    label 'process_single'
    cache 'deep'

    input:
    tuple val(meta), path(hits), path(regions), path(known_sites)
    val settings

    output:
    tuple val(meta), path("${meta.id}.{site_recall.tsv,site_curve.tsv,comparehits.json}"), emit: tables

    script:
    """
    # library ${task.ext.library}
    comparehits --prefix ${meta.id} --hits ${hits} --regions ${regions} --known_sites ${known_sites} ${options(settings)}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.{site_recall.tsv,site_curve.tsv,comparehits.json}
    """
}
