include { options ; quoted } from '../../functions/options'

process DATASET {
    tag "${meta.id}"
    label 'process_low'

    input:
    tuple val(meta), val(tracks), path(bigwigs, stageAs: 'bigwigs/?/*'), val(tasks), path(peaks, stageAs: 'peaks/?/*')
    tuple path(fasta, stageAs: 'fasta/*'), path(exclude, stageAs: 'exclude/*'), path(splits, stageAs: 'splits/?/*')
    val settings

    output:
    tuple val(meta), path("${meta.tf}.regions.tsv"), path("${meta.tf}.dataset.h5"), path("${meta.tf}.dataset.json"),
        path("${meta.tf}.sufficiency.tsv"), emit: dataset

    script:
    // Each track is a role and a task; its two strands are neighbours in `bigwigs`.
    def signals = tracks.withIndex().collect { track, i ->
        "--${track.role} ${quoted(track.task)},${bigwigs[2 * i]},${bigwigs[2 * i + 1]}"
    }
    def summits = tasks.withIndex().collect { task, i -> "--peaks ${quoted(task)},${[peaks].flatten()[i]}" }
    def files = (exclude ? ["--exclude ${exclude}"] : []) + [splits].flatten().collect { file -> "--splits ${file}" }
    """
    # library ${task.ext.library}
    cistill dataset --tf ${meta.tf} --fasta ${fasta} ${(signals + summits + files).join(' ')} \\
        ${options(settings)} ${task.ext.args ?: ''}
    """

    stub:
    def results = groovy.json.JsonOutput.toJson([results: [tasks: tasks, folds: ['0': [:]]]])
    """
    # library ${task.ext.library}
    touch ${meta.tf}.{regions.tsv,dataset.h5,sufficiency.tsv}
    printf '%s' ${quoted(results)} > ${meta.tf}.dataset.json
    """
}
