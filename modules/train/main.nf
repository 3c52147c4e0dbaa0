include { options ; quoted } from '../../functions/options'

// Trainings of one fold: all restarts of `meta.restarts`, for all tasks of the TF or for the task `meta.kind` alone.
process TRAIN {
    tag "${meta.id}"
    label 'process_gpu'
    cache 'deep'

    input:
    tuple val(meta), path(dataset), path(tuned)
    path preset, stageAs: 'preset/*'
    val settings
    val checkpoint_dir

    output:
    tuple val(meta), path("${meta.tf}.*.restart_*.model.safetensors"), path("${meta.tf}.*.restart_*.history.tsv"),
        path("${meta.tf}.*.restart_*.train.json"), emit: model

    script:
    // a comma after a single number: this restart, not so many restarts
    def task_alone = meta.kind == 'all' ? null : meta.kind
    def run = [fold: meta.fold, restarts: "${meta.restarts.join(',')},", task: task_alone, tuned: tuned]
    // small networks leave a GPU idle in parts: restarts of one task share it
    def processes = task.accelerator ? [processes: meta.restarts.size()] : [:]
    def machine = [checkpoint_dir: checkpoint_dir, use_gpu: task.accelerator as boolean]
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus}
    cistill train --tf ${meta.tf} --dataset ${dataset} --preset ${preset} \\
        ${options(processes + settings + run + machine)} ${task.ext.args ?: ''}
    """

    stub:
    def name = "${meta.tf}.${meta.kind}.fold_${meta.fold}"
    """
    # library ${task.ext.library}
    for restart in ${meta.restarts.join(' ')}; do
        touch ${quoted(name)}.restart_\$restart.{model.safetensors,history.tsv,train.json}
    done
    """
}
