include { PAGEMODEL } from '../../modules/pagemodel'
include { REPORT } from '../../modules/report'
include { all_of ; joined } from '../../functions/gathering'
include { options_of } from '../../functions/options'
include { by_role } from '../../functions/sheets'

// All tables of a TF to its page.
workflow REPORTING {
    take:
    datasets // meta, files by role
    models // meta, files by role
    interpretations // meta, files by role
    affinities // meta, files by role
    motif_db // file of known motifs, or []
    options // of each command
    plan // `page_model`: whether the page keeps a network

    main:
    networks = joined(datasets, models).filter { plan.page_model }.map { meta, data, model ->
        tuple(meta, data['dataset/dataset.h5'], model['select/model.safetensors'])
    }
    kept = PAGEMODEL(networks, options_of(options, 'pagemodel'))
    page_models = plan.page_model
        ? kept.map { meta, network, log -> tuple(meta, by_role(meta, 'report', [network, log])) }
        : datasets.map { meta, _files -> tuple(meta, [:]) }
    results = all_of([datasets, models, interpretations, affinities, page_models]).map { meta, files ->
        def tables = files.findAll { role, _file -> !role.startsWith('given/') }
        tuple(meta, tables.values().flatten().findAll(), files['given/truth'] ?: [])
    }
    made = REPORT(results, motif_db, options_of(options, 'report'))
    reports = made.report

    emit:
    reports
}
