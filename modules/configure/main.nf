include { options ; quoted } from '../../functions/options'

// The options of every command, from the parameters and the file of options, and what the user's sheets name. Files
// that parameters name are read whole. Problems of all these are a result of this process, not a failure; so is a
// program `cistill` that is not the pipeline's own.
process CONFIGURE {
    label 'process_single'

    input:
    val parameters
    path schema
    path chosen, stageAs: 'options.yml'
    val version
    tuple path(samplesheet, stageAs: 'samplesheet/*'), path(affinity, stageAs: 'affinity/*')
    tuple val(names), path(files, stageAs: 'given/?/file')

    output:
    tuple path('options.json'), path('problems.txt'), emit: configuration
    path 'options.yml', emit: chosen, optional: true, includeInputs: true
    path 'sheets.json', emit: sheets

    script:
    def nothing = none_named()
    // files that parameters name: parameter, file as the user gave it, where it is
    def given = [names, [files].flatten()].transpose()
        .collect { name, file -> "${quoted(name.first())} ${quoted(name.last())} ${file}" }
        .join(' ')
    def table = given ? "printf '%s\\t%s\\t%s\\n' ${given} > given.tsv" : ''
    def more = [options: chosen, given: given ? 'given.tsv' : '', samplesheet: samplesheet]
    def pipeline = [pipeline_version: version, pipeline_library: task.ext.library]
    """
    # library ${task.ext.library}
    printf '%s\\n' ${quoted(groovy.json.JsonOutput.toJson(parameters))} > params.json
    touch problems.txt
    ${table}
    cistill configure --params params.json --schema ${schema} --problems problems.txt \\
        ${options(more + pipeline)} ${task.ext.args ?: ''} 2> errors.txt && status=0 || status=\$?
    cat errors.txt >&2
    if [ \$status -gt 0 ] && [ \$status -lt 128 ]; then
        echo "the program cistill on the PATH, \$(type -P cistill || echo which is missing)," \\
            "cannot run this pipeline, which is version ${version}: \$(tail -n 1 errors.txt)" > problems.txt
    elif [ \$status -gt 0 ]; then
        exit \$status
    fi
    [ -e options.json ] || echo '{}' > options.json
    # a program that is not the pipeline's own may not know how to list files: then that is the problem to report
    [ \$status -eq 0 ] && cistill sheetfiles ${options([samplesheet: samplesheet, affinity: affinity])} \\
        || { [ -s problems.txt ] && echo '${nothing}' > sheets.json; }
    """

    stub:
    """
    # library ${task.ext.library}
    touch problems.txt
    echo '{}' > options.json
    echo '${none_named()}' > sheets.json
    """
}

// What sheets name that are not there, or cannot be read.
def none_named() {
    groovy.json.JsonOutput.toJson([samplesheet: [files: [], tasks: []], affinity: [files: []]])
}
