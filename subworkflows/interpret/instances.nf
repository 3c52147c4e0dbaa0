include { CALLHITS } from '../../modules/callhits'
include { FILTERHITS } from '../../modules/filterhits'
include { COLLAPSE } from '../../modules/collapse'
include { SUMMARIZEHITS } from '../../modules/summarizehits'
include { COMPAREHITS } from '../../modules/comparehits'
include { COMPAREHITS as COMPAREMETHODS } from '../../modules/comparehits'
include { by_role } from '../sheets'

// Contributions and motifs of each head to motif instances: called by one method or several, compared, pooled, summarized.
workflow INSTANCES {
    take:
    datasets // meta, files by role
    found // meta with `head`, contributions, motifs, TF-MoDISco's patterns
    merged // meta, what was merged of both heads' motifs
    settings // options of the commands; `methods`: names of callers, whose first one counts; `filter`: whether to filter its hits

    main:
    first = settings.methods.first()
    called = CALLHITS(
        found.combine(channel.fromList(settings.methods)).map { meta, contributions, motifs, patterns, method ->
            def suffix = method != first ? ".${method}" : settings.filter ? '.unfiltered' : ''
            tuple(meta + [id: "${meta.id}${suffix}".toString(), method: method, given: meta.id], contributions, motifs, patterns)
        },
        settings.callhits,
    )
    by_method = called.map { meta, hits, log -> tuple(meta.subMap(['tf', 'head']) + [id: meta.given], meta.method, hits, log) }
    chosen = by_method.filter { _meta, method, _hits, _log -> method == first }.map { meta, _method, hits, log -> tuple(meta, hits, log) }

    // What chance explains is dropped, if that is wanted.
    filtered = FILTERHITS(
        chosen.filter { settings.filter }
            .map { meta, hits, _log -> tuple(meta, hits) }
            .join(found.map { meta, contributions, motifs, _patterns -> tuple(meta, contributions, motifs) }),
        settings.filterhits,
    )
    hits = settings.filter ? filtered.map { meta, file, _more -> tuple(meta, file) } : chosen.map { meta, file, _log -> tuple(meta, file) }

    // Hits of both heads are one list under the names of merged motifs, whose statistics the report shows.
    pooled = COLLAPSE(
        hits.map { meta, file -> tuple(meta.tf, file) }
            .groupTuple(size: 2)
            .map { tf, files -> tuple([id: tf, tf: tf], files.sort { file -> file.name }) }
            .join(merged),
        settings.collapse,
    )
    regions = datasets.map { meta, files -> tuple(meta, files['dataset/regions.tsv']) }
    summarized = SUMMARIZEHITS(pooled.map { meta, file, _log -> tuple(meta, file) }.join(regions), settings.summarizehits)

    // Hits of TFs with known sites are compared with them; methods with each other, known sites or not.
    about = datasets.map { meta, files -> tuple(meta.tf, files['dataset/regions.tsv'], files['given/known_sites'] ?: [], files['dataset/dataset.h5']) }
    against = hits.map { meta, file -> tuple(meta.tf, meta, file) }
        .combine(about, by: 0)
        .filter { _tf, _meta, _hits, _regions, known, _dataset -> known }
        .map { _tf, meta, file, table, known, _dataset -> tuple(meta, [''], file, table, known, []) }
    compared = COMPAREHITS(against, settings.comparehits)
    methods = by_method
        .filter { settings.methods.size() > 1 }
        .map { meta, method, file, _log -> tuple(meta, method, file) }
        .groupTuple(size: settings.methods.size())
        .map { meta, names, files -> tuple(meta.tf, meta + [id: "${meta.id}.methods".toString()], in_given_order(settings.methods, names), in_given_order(settings.methods, names, files)) }
        .combine(about, by: 0)
        .map { _tf, meta, names, files, table, known, dataset -> tuple(meta, names, files, table, known, dataset) }
    side_by_side = COMPAREMETHODS(methods, settings.comparehits)

    // One tuple for each TF, as soon as all of its files are there: files by role.
    sizes = about.map { tf, _regions, known, _dataset -> tuple(tf, number_of_results(settings, known)) }
    instances = called.map { meta, file, log -> tuple(meta.tf, by_role(meta, 'callhits', [file, log])) }
        .mix(filtered.map { meta, file, more -> tuple(meta.tf, by_role(meta, 'filterhits', [file, more])) })
        .mix(compared.mix(side_by_side).map { meta, files -> tuple(meta.tf, by_role(meta, 'comparehits', [files])) })
        .mix(pooled.map { meta, file, log -> tuple(meta.tf, by_role(meta, 'collapse', [file, log])) })
        .mix(summarized.map { meta, files, log -> tuple(meta.tf, by_role(meta, 'summarizehits', [files, log])) })
        .combine(sizes, by: 0)
        .map { tf, files, size -> tuple(groupKey(tf, size), files) }
        .groupTuple()
        .map { tf, files -> tuple([id: tf.target, tf: tf.target], files.sum()) }

    emit:
    instances
}

// How many results the processes of this workflow have for a TF.
def number_of_results(settings, known) {
    2 * settings.methods.size() + [settings.filter, known, settings.methods.size() > 1].count { wanted -> wanted } * 2 + 2
}

// Things that came in the order `names`, in that of `order`; the names themselves if no things are given.
def in_given_order(order, names, things = null) {
    order.collect { name -> (things ?: names)[names.indexOf(name)] }
}
