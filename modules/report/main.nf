process REPORT {
    tag "${meta.id}"
    label 'process_single'

    input:
    tuple val(meta), path(results, stageAs: 'results/*'), path(truth)
    path motif_db

    output:
    tuple val(meta), path("${meta.tf}.report.html"), path("${meta.tf}.summary.json"), path("${meta.tf}.report.json"), emit: report

    script:
    def files = [motif_db ? "--motif_db ${motif_db}" : '', truth ? "--truth ${truth}" : '']
    """
    # library ${task.ext.library}
    report --tf ${meta.tf} --link_root .. ${files.join(' ')} results
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.tf}.{report.html,summary.json,report.json}
    """
}
