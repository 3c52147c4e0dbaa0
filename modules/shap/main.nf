include { options } from '../../functions/options'

process SHAP {
    tag "${meta.id}"
    label 'process_gpu'
    cache 'deep'

    input:
    tuple val(meta), path(dataset), path(model)
    val settings
    val checkpoint_dir

    output:
    tuple val(meta), path("${meta.tf}.counts.attributions.h5"), path("${meta.tf}.profile.attributions.h5"),
        path("${meta.tf}.{shap.tsv,region_contributions.tsv,shap.json}"),
        path("${meta.tf}.*.contributions.bw", arity: '0..*'), emit: attributions

    script:
    def machine = [checkpoint_dir: checkpoint_dir, use_gpu: task.accelerator as boolean]
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus}
    cistill shap --tf ${meta.tf} --dataset ${dataset} --model ${model} ${options(settings + machine)} \\
        ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.tf}.{counts.attributions.h5,profile.attributions.h5,shap.tsv,region_contributions.tsv,shap.json}
    """
}
