include { options } from '../options'

process LIBRARY {
    tag "${meta.id}"
    label 'process_single'
    cache 'deep'

    input:
    tuple val(meta), path(table, stageAs: 'given/*'), path(reader, stageAs: 'reader/*'), val(source)

    output:
    tuple val(meta), path("${meta.id}.library.tsv"), path("${meta.id}.library.json"), emit: library

    script:
    // parameters of the user's own reader follow its path
    def chosen = reader ? [reader: [reader, source.reader].findAll().join(':')] : [:]
    """
    # library ${task.ext.library}
    library --prefix ${meta.id} ${table ? "--table ${table}" : ''} ${options(source + chosen)}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.library.{tsv,json}
    """
}
