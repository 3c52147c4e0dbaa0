include { options } from '../../functions/options'

process PREDICT {
    tag "${meta.id}"
    label 'process_gpu'
    cache 'deep'

    input:
    tuple val(meta), path(dataset), path(model)
    val settings

    output:
    tuple val(meta), path("${meta.tf}.{predictions.h5,region_predictions.tsv,metrics.tsv,predict.json}"),
        path("${meta.tf}.*.bw", arity: '0..*'), emit: predictions

    script:
    def machine = [use_gpu: task.accelerator as boolean]
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus}
    cistill predict --tf ${meta.tf} --dataset ${dataset} --model ${model} ${options(settings + machine)} \\
        ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.tf}.{predictions.h5,region_predictions.tsv,metrics.tsv,predict.json}
    """
}
