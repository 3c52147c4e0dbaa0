include { options } from '../../functions/options'

// One trial of the search for learning rate and count weight.
process TUNE {
    tag "${meta.id}"
    label 'process_gpu'
    cache 'deep'

    input:
    tuple val(meta), path(dataset)
    path preset, stageAs: 'preset/*'
    val settings
    val checkpoint_dir

    output:
    tuple val(meta), path("${meta.tf}.trial_${meta.trial}.tsv"), path("${meta.tf}.trial_${meta.trial}.json"),
        emit: trial

    script:
    def machine = [checkpoint_dir: checkpoint_dir, use_gpu: task.accelerator as boolean]
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus}
    cistill tune --tf ${meta.tf} --dataset ${dataset} --trial ${meta.trial} --preset ${preset} \\
        ${options(settings + machine)} ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.tf}.trial_${meta.trial}.{tsv,json}
    """
}
