include { options } from '../../functions/options'

// One network of the model, for the page's sequence box.
process PAGEMODEL {
    tag "${meta.id}"
    label 'process_medium'
    cache 'deep'

    input:
    tuple val(meta), path(dataset), path(model)
    val settings

    output:
    tuple val(meta), path("${meta.tf}.page_model.json"), path("${meta.tf}.pagemodel.json"), emit: network

    script:
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus}
    cistill pagemodel --tf ${meta.tf} --dataset ${dataset} --model ${model} ${options(settings)} ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.tf}.{page_model,pagemodel}.json
    """
}
