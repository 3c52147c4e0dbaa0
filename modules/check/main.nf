include { options ; quoted } from '../../functions/options'

// Problems of the input are a result of this process, not a failure: the workflow shows them and stops.
process CHECK {
    tag "${samplesheet.name.tokenize('/').last()}"
    label 'process_low'

    input:
    path samplesheet, stageAs: 'samplesheet/*'
    tuple val(names), path(files, stageAs: 'files/?/*')
    tuple path(fasta, stageAs: 'fasta/*'), path(exclude, stageAs: 'exclude/*'), path(splits, stageAs: 'splits/?/*')
    val parameters
    path known_problems, stageAs: 'known.txt'
    val settings

    output:
    path 'readsets.tsv', emit: readsets, optional: true
    path 'genome.sizes', emit: sizes, optional: true
    path 'problems.txt', emit: problems, optional: true

    script:
    // A file that is missing is not staged: its name is passed on, so that `check` tells of it.
    def given = [fasta: fasta, exclude: exclude, splits: splits]
        .findAll { name, found -> found || parameters[name] }
        .collectMany { name, found ->
            [found ?: quoted(parameters[name])].flatten().collect { file -> "--${name} ${file}" }
        }
    def table = [names, [files].flatten()].transpose().collect { name, file -> "${quoted(name)} ${file}" }
    """
    # library ${task.ext.library}
    printf '%s\\t%s\\n' ${table.join(' ')} > files.tsv
    cistill check --input ${samplesheet} --files files.tsv \\
        \$([ ! -s ${known_problems} ] || echo --problems ${known_problems}) \\
        ${given.join(' ')} ${options(settings)} ${task.ext.args ?: ''} 2> problems.txt && status=0 || status=\$?
    cat problems.txt >&2
    [ \$status -eq 2 ] || rm problems.txt
    [ \$status -eq 2 ] || exit \$status
    """

    stub:
    """
    # library ${task.ext.library}
    touch genome.sizes
    awk -F, -v OFS='\\t' '
        function cell(name) { return name in column ? \$column[name] : "" }
        function row(kind, role, bam) {
            print name "." kind (++n[name kind]), cell("tf"), cell("task"), role, bam, cell("peaks"), \\
                cell("known_sites"), cell("truth")
        }
        NR == 1 { for (i = 1; i <= NF; i++) column[\$i] = i }
        NR == 1 { print "readset", "tf", "task", "role", "bam", "peaks", "known_sites", "truth" }
        NR > 1 { name = cell("tf") "." cell("task"); row("r", "signal", cell("bam")) }
        NR > 1 && cell("control_bam") && !seen[name cell("control_bam")]++ { row("c", "control", cell("control_bam")) }
    ' ${samplesheet} > readsets.tsv
    """
}
