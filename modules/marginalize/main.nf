include { options } from '../../functions/options'

process MARGINALIZE {
    tag "${[meta.id, meta.chunk].findAll().join(' ')}"
    label 'process_gpu'
    cache 'deep'

    input:
    tuple val(meta), path(library), path(dataset), path(model)
    val settings
    val checkpoint_dir

    output:
    tuple val(meta), path("${meta.id}.*scores.tsv"),
        path("${meta.id}.*{marginalize.json,deltas.h5,footprints.h5,footprints.tsv}"), emit: scores

    script:
    // changes in single backgrounds, as far as they are no giant file, and mean profiles of the first sequences
    def few = meta.facts && meta.facts.sequences <= 100000
    def details = [deltas: few, footprints: meta.facts && !meta.chunk ? 100 : null]
    def machine = [checkpoint_dir: checkpoint_dir, use_gpu: task.accelerator as boolean, chunk: meta.chunk]
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus}
    cistill marginalize --prefix ${meta.id} --library ${library} --dataset ${dataset} --model ${model} \\
        ${options(details + settings + machine)} ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.${meta.chunk ? "chunk_${meta.chunk.tokenize('/').first()}." : ''}{scores.tsv,marginalize.json}
    """
}
