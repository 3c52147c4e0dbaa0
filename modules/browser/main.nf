include { options } from '../../functions/options'

process BROWSER {
    tag "${meta.id}"
    label 'process_single'

    input:
    tuple val(meta), path(results, stageAs: 'results/*')
    path fasta, stageAs: 'fasta/*'
    tuple path(annotation, stageAs: 'annotation/*'), path(regions, stageAs: 'regions/*')
    val published
    val settings

    output:
    tuple val(meta), path("${meta.tf}.{browser.html,igv.xml,hub.txt}", arity: '2..3'),
        path("${meta.tf}.{browser.json,genomes.txt,trackDb.txt,genome.2bit,*.bb,*.bw}", arity: '1..*'), emit: browser

    script:
    def places = published.collect { folder, path -> "${folder}=${path}" }
    def files = options([annotation: annotation, browser_regions: regions, published: places])
    // A genome that has a name needs no file.
    def genome = settings.genome_name ? '' : options([fasta: fasta])
    """
    # library ${task.ext.library}
    cistill browser --tf ${meta.tf} --link_root .. ${genome} ${files} ${options(settings)} results \\
        ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.tf}.{browser.html,igv.xml,hub.txt,genomes.txt,trackDb.txt,browser.json}
    """
}
