include { REPORT } from '../../modules/report'

// All tables of a TF to its page.
workflow REPORTING {
    take:
    datasets // meta, files by role
    models // meta, files by role
    interpretations // meta, files by role
    motif_db // MEME file, or []

    main:
    results = datasets.join(models).join(interpretations).map { meta, data, model, found ->
        def tables = (data + model + found).findAll { role, _file -> !role.startsWith('given/') }
        tuple(meta, tables.values().flatten().findAll(), data['given/truth'] ?: [])
    }
    reports = REPORT(results, motif_db)

    emit:
    reports
}
