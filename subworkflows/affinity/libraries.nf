include { CHECKLIBRARIES } from '../../modules/checklibraries'
include { LIBRARY } from '../../modules/library'
include { existing_files ; named_file } from '../../functions/files'
include { problems_in } from '../../functions/launch'
include { options_of } from '../../functions/options'
include { table_rows } from '../../functions/sheets'

// The affinity sheet to libraries of one form. Needs no model, so that bad tables are told of at the start of a run.
workflow LIBRARIES {
    take:
    sheet // the affinity sheet
    named // map: what each sheet names, `affinity` with `files`
    models // text: TFs and their tasks, as `checklibraries` takes them
    options // of each command

    main:
    checked = CHECKLIBRARIES(
        sheet,
        named.combine(sheet).map { sheets, csv -> existing_files(sheets.affinity.files, csv) },
        models,
        options_of(options, 'checklibraries'),
    )
    checked.problems.map { problems -> error(problems_in(problems)) }
    libraries = LIBRARY(
        checked.libraries.combine(sheet).flatMap { table, csv -> libraries_of(table, csv) },
        options_of(options, 'library'),
    )
    tfs = checked.libraries.map { table ->
        [names: table_rows(table).collect { row -> row.tf }]
    }

    emit:
    libraries // meta (`id`, `tf`, `library`, `task`, and `of`: how many the TF has), sequences, facts about them
    tfs // map: `names` of the TFs that have libraries
}

// The input of LIBRARY for every row of CHECKLIBRARIES' table.
def libraries_of(table, sheet) {
    def rows = table_rows(table)
    def of_tf = rows.countBy { row -> row.tf }
    rows.collect { row ->
        def id = "${row.tf}.${row.library}".toString()
        tuple(
            [id: id, tf: row.tf, library: row.library, task: row.task ?: '', of: of_tf[row.tf]],
            named_file(row.table, sheet) ?: [],
            named_file(row.reader_file, sheet) ?: [],
            row.subMap(['reader', 'generate']),
        )
    }
}
