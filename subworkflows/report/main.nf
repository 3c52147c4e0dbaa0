include { BROWSER } from '../../modules/browser'
include { PAGEMODEL } from '../../modules/pagemodel'
include { REPORT } from '../../modules/report'
include { all_of ; joined } from '../../functions/gathering'
include { options_of } from '../../functions/options'
include { by_role } from '../../functions/sheets'

// All tables of a TF to its page, and to what genome browsers show of it.
workflow REPORTING {
    take:
    datasets // meta, files by role
    models // meta, files by role
    interpretations // meta, files by role
    affinities // meta, files by role
    motif_db // file of known motifs, or []
    browsed // whether, and with what: `wanted`, `fasta`, `annotation`, `regions`, `published`
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

    // The page, session and hub of genome browsers, which the report links to.
    tables = all_of([datasets, models, interpretations, affinities])
    browsers = BROWSER(
        tables.filter { browsed.wanted }.map { meta, files -> tuple(meta, without_given(files)) },
        browsed.fasta,
        [browsed.annotation, browsed.regions],
        browsed.published,
        options_of(options, 'browser'),
    )
    browser_files = browsed.wanted
        ? browsers.map { meta, shown, _own -> tuple(meta, by_role(meta, 'browser', shown)) }
        : datasets.map { meta, _files -> tuple(meta, [:]) }

    results = all_of([tables, page_models, browser_files]).map { meta, files ->
        tuple(meta, without_given(files), files['given/truth'] ?: [])
    }
    made = REPORT(results, motif_db, options_of(options, 'report'))
    reports = made.report

    emit:
    reports
}

// The files of all roles but those that the user gave.
def without_given(files) {
    files.findAll { role, _file -> !role.startsWith('given/') }.values().flatten().findAll()
}
