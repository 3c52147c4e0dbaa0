include { options } from '../../functions/options'

process SUMMARIZEHITS {
    tag "${meta.id}"
    label 'process_single'
    cache 'deep'

    input:
    tuple val(meta), path(hits), path(regions)
    val settings

    output:
    tuple val(meta), path("${meta.id}.*.tsv", arity: '1..*'), path("${meta.id}.summarizehits.json"), emit: tables

    script:
    """
    # library ${task.ext.library}
    cistill summarizehits --prefix ${meta.id} --hits ${hits} --regions ${regions} ${options(settings)} \\
        ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.{prevalence,hits_per_region,homotypic,cooccurrence,distances,distance_summary}.tsv \\
        ${meta.id}.summarizehits.json
    """
}
