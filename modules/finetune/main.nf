include { options ; quoted } from '../../functions/options'

// The heads of the best restart of a fold (or of every restart) trained on, the trunk frozen.
process FINETUNE {
    tag "${meta.id}"
    label 'process_gpu'
    cache 'deep'

    input:
    tuple val(meta), path(dataset), path(models)
    val settings

    output:
    tuple val(meta), path("${meta.tf}.*.finetuned.model.safetensors"), path("${meta.tf}.*.finetuned.history.tsv"),
        path("${meta.tf}.*.finetuned.json"), emit: model

    script:
    def machine = [use_gpu: task.accelerator as boolean]
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus}
    cistill finetune --tf ${meta.tf} --dataset ${dataset} ${options(settings + machine)} ${models} \\
        ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${quoted(meta.id)}.restart_1.finetuned.{model.safetensors,history.tsv,json}
    """
}
