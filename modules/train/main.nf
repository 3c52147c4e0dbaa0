include { options ; quoted } from '../options'

// Trainings of one fold: all restarts of `meta.restarts`, for all tasks of the TF or for the task `meta.kind` alone.
process TRAIN {
    tag "${meta.id}"
    label 'process_gpu'
    cache 'deep'

    input:
    tuple val(meta), path(dataset), path(tuned)
    path preset
    val settings
    val checkpoint_dir

    output:
    tuple val(meta), path("${meta.tf}.${meta.kind}.fold_${meta.fold}.restart_*.model.safetensors"), path("${meta.tf}.${meta.kind}.fold_${meta.fold}.restart_*.history.tsv"), path("${meta.tf}.${meta.kind}.fold_${meta.fold}.restart_*.train.json"), emit: model

    script:
    // a comma after a single number: this restart, not so many restarts
    def run = [fold: meta.fold, restarts: "${meta.restarts.join(',')},", task: meta.kind == 'all' ? null : meta.kind, tuned: tuned ?: null]
    // small networks leave a GPU idle in parts: restarts of one task share it
    def machine = [checkpoint_dir: checkpoint_dir, use_gpu: task.accelerator as boolean, processes: task.accelerator ? meta.restarts.size() : null]
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus}
    train --tf ${meta.tf} --dataset ${dataset} --preset ${preset} ${options(settings + run + machine)}
    """

    stub:
    """
    # library ${task.ext.library}
    for restart in ${meta.restarts.join(' ')}; do
        touch ${quoted("${meta.tf}.${meta.kind}.fold_${meta.fold}")}.restart_\$restart.{model.safetensors,history.tsv,train.json}
    done
    """
}
