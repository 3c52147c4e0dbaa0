include { options } from '../../functions/options'

process LIBRARY {
    tag "${meta.id}"
    label 'process_single'
    cache 'deep'

    input:
    tuple val(meta), path(table, stageAs: 'given/*'), path(reader, stageAs: 'reader/*'), val(source)
    val settings

    output:
    tuple val(meta), path("${meta.id}.library.tsv"), path("${meta.id}.library.json"), emit: library

    script:
    // parameters of the user's own reader follow its path
    def chosen = reader ? [reader: [reader, source.reader].findAll().join(':')] : [:]
    """
    # library ${task.ext.library}
    cistill library --prefix ${meta.id} ${table ? "--table ${table}" : ''} ${options(settings + source + chosen)} \\
        ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.library.{tsv,json}
    """
}
