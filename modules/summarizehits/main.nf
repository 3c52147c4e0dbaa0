include { options } from '../options'

process SUMMARIZEHITS {
    tag "${meta.id}"
    label 'process_single'
    cache 'deep'

    input:
    tuple val(meta), path(hits), path(regions)
    val settings

    output:
    tuple val(meta), path("${meta.id}.{prevalence,hits_per_region,homotypic,cooccurrence,distances,distance_summary}.tsv"), path("${meta.id}.summarizehits.json"), emit: tables

    script:
    """
    # library ${task.ext.library}
    summarizehits --prefix ${meta.id} --hits ${hits} --regions ${regions} ${options(settings)}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.{prevalence,hits_per_region,homotypic,cooccurrence,distances,distance_summary}.tsv ${meta.id}.summarizehits.json
    """
}
