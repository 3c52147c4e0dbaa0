include { options } from '../../functions/options'

process REPORT {
    tag "${meta.id}"
    label 'process_single'

    input:
    tuple val(meta), path(results, stageAs: 'results/*'), path(truth, stageAs: 'truth/*')
    path motif_db, stageAs: 'motif_db/*'
    val settings

    output:
    tuple val(meta), path("${meta.tf}.report.html"), path("${meta.tf}.summary.json"), path("${meta.tf}.report.json"),
        emit: report
    tuple val(meta), path("${meta.tf}.explore.ipynb"), path("${meta.tf}.{statistics,tasks}_mqc.json"), emit: further

    script:
    def files = options([motif_db: motif_db, truth: truth])
    """
    # library ${task.ext.library}
    cistill report --tf ${meta.tf} --link_root .. ${files} ${options(settings)} results ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.tf}.{report.html,summary.json,report.json,explore.ipynb,{statistics,tasks}_mqc.json}
    """
}
