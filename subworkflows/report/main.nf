include { REPORT } from '../../modules/report'

// All tables of a TF to its page.
workflow REPORTING {
    take:
    datasets // meta, files by role
    models // meta, files by role
    interpretations // meta, files by role
    affinities // meta, files by role
    motif_db // MEME file, or []

    main:
    results = datasets.join(models).join(interpretations).join(affinities).map { meta, data, model, found, energies ->
        def tables = (data + model + found + energies).findAll { role, _file -> !role.startsWith('given/') }
        tuple(meta, tables.values().flatten().findAll(), data['given/truth'] ?: [])
    }
    reports = REPORT(results, motif_db)

    emit:
    reports
}
