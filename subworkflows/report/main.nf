include { REPORT } from '../../modules/report'
include { all_of } from '../../functions/gathering'
include { options_of } from '../../functions/options'

// All tables of a TF to its page.
workflow REPORTING {
    take:
    datasets // meta, files by role
    models // meta, files by role
    interpretations // meta, files by role
    affinities // meta, files by role
    motif_db // file of known motifs, or []
    options // of each command

    main:
    results = all_of([datasets, models, interpretations, affinities]).map { meta, files ->
        def tables = files.findAll { role, _file -> !role.startsWith('given/') }
        tuple(meta, tables.values().flatten().findAll(), files['given/truth'] ?: [])
    }
    made = REPORT(results, motif_db, options_of(options, 'report'))
    reports = made.report

    emit:
    reports
}
