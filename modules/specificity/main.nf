include { options } from '../../functions/options'

// The models of all TFs beside each other on one set of measurements: does the factor's own fit it best?
process SPECIFICITY {
    tag "${meta.id}"
    label 'process_single'
    cache 'deep'

    input:
    tuple val(meta), val(names), path(scores, stageAs: 'scores/?/*'), path(library), path(facts)
    val settings

    output:
    tuple val(meta), path("${meta.id}.{specificity,specificity_differences}.tsv"), path("${meta.id}.specificity.json"),
        emit: tables

    script:
    def models = [names, [scores].flatten()].transpose().collect { name, file -> "--scores ${name}=${file}" }
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus}
    cistill affinity specificity --prefix ${meta.id} ${models.join(' ')} --library ${meta.tf}=${library} \\
        ${options(settings)} ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.{specificity,specificity_differences}.tsv ${meta.id}.specificity.json
    """
}
