include { options ; quoted } from '../../functions/options'

// Problems of the sheet and its tables are a result of this process, not a failure: the workflow shows them and stops.
process CHECKLIBRARIES {
    tag "${sheet.name.tokenize('/').last()}"
    label 'process_single'
    cache 'deep'

    input:
    path sheet, stageAs: 'sheet/*'
    tuple val(names), path(files, stageAs: 'files/?/*')
    val models
    val settings

    output:
    path 'libraries.tsv', emit: libraries, optional: true
    path 'problems.txt', emit: problems, optional: true

    script:
    def table = [names, [files].flatten()].transpose().collect { name, file -> "${quoted(name)} ${file}" }
    """
    # library ${task.ext.library}
    printf '%s\\t%s\\n' ${table.join(' ')} > files.tsv
    cistill checklibraries --input ${sheet} --files files.tsv --models ${quoted(models)} \\
        ${options(settings)} ${task.ext.args ?: ''} 2> problems.txt && status=0 || status=\$?
    cat problems.txt >&2
    [ \$status -eq 2 ] || rm problems.txt
    [ \$status -eq 2 ] || exit \$status
    """

    stub:
    """
    # library ${task.ext.library}
    awk -F, -v OFS='\\t' '
        function cell(name) { return name in column ? \$column[name] : "" }
        NR == 1 { for (i = 1; i <= NF; i++) column[\$i] = i }
        NR == 1 { print "tf", "task", "library", "table", "reader", "reader_file", "generate" }
        NR > 1 { print cell("tf"), cell("task"), cell("library"), cell("file"), cell("reader"), "", "" }
    ' ${sheet} > libraries.tsv
    """
}
