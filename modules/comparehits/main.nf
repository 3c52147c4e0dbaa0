include { options } from '../../functions/options'

// One set of motif instances against known sites, or several sets, by name, against each other and what else is given.
process COMPAREHITS {
    tag "${meta.id}"
    label 'process_single'
    cache 'deep'

    input:
    tuple val(meta), val(labels), path(hits), path(regions), path(known_sites, stageAs: 'known_sites/*'), path(dataset)
    val settings

    output:
    tuple val(meta), path("${meta.id}.{sets*.tsv,site_*.tsv,comparehits.json}"), emit: tables

    script:
    def sets = [labels, [hits].flatten()].transpose().collect { label, file -> label ? "${label}=${file}" : file }
    def files = options([known_sites: known_sites, dataset: dataset])
    """
    # library ${task.ext.library}
    cistill comparehits --prefix ${meta.id} --hits ${sets.join(',')} --regions ${regions} ${files} \\
        ${options(settings)} ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.{sets.tsv,site_recall.tsv,site_curve.tsv,comparehits.json}
    """
}
