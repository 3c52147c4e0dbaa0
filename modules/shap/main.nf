include { options } from '../options'

process SHAP {
    tag "${meta.id}"
    label 'process_gpu'
    cache 'deep'

    input:
    tuple val(meta), path(dataset), path(model)
    val settings

    output:
    tuple val(meta), path("${meta.tf}.counts.attributions.h5"), path("${meta.tf}.profile.attributions.h5"), path("${meta.tf}.shap.json"), emit: attributions

    script:
    def machine = [use_gpu: task.accelerator as boolean]
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus}
    shap --tf ${meta.tf} --dataset ${dataset} --model ${model} ${options(settings + machine)}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.tf}.{counts.attributions.h5,profile.attributions.h5,shap.json}
    """
}
