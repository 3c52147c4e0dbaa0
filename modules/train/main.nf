include { options } from '../options'

process TRAIN {
    tag "${meta.id}"
    label 'process_gpu'
    cache 'deep'

    input:
    tuple val(meta), path(dataset)
    path preset
    val settings
    val checkpoint_dir

    output:
    tuple val(meta), path("${meta.tf}.model.safetensors"), path("${meta.tf}.history.tsv"), path("${meta.tf}.train.json"), emit: model

    script:
    def machine = [checkpoint_dir: checkpoint_dir, use_gpu: task.accelerator as boolean]
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus}
    train --tf ${meta.tf} --dataset ${dataset} --preset ${preset} ${options(settings + machine)}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.tf}.{model.safetensors,history.tsv,train.json}
    """
}
