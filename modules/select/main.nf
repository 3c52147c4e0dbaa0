include { options } from '../../functions/options'

// The model of a TF: networks chosen among all that were trained.
process SELECT {
    tag "${meta.id}"
    label 'process_single'

    input:
    tuple val(meta), path(models)
    path choice, stageAs: 'choice/*'
    val settings

    output:
    tuple val(meta), path("${meta.tf}.model.safetensors"), path("${meta.tf}.candidates.tsv"),
        path("${meta.tf}.select.json"), emit: model

    script:
    """
    # library ${task.ext.library}
    cistill select --tf ${meta.tf} ${options(settings + [choice: choice])} ${models} ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.tf}.{model.safetensors,candidates.tsv,select.json}
    """
}
