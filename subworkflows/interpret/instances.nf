include { CALLHITS } from '../../modules/callhits'
include { FILTERHITS } from '../../modules/filterhits'
include { COLLAPSE } from '../../modules/collapse'
include { SUMMARIZEHITS } from '../../modules/summarizehits'
include { COMPAREHITS } from '../../modules/comparehits'
include { COMPAREHITS as COMPAREMETHODS } from '../../modules/comparehits'
include { all_of ; joined ; of_whole_tf } from '../../functions/gathering'
include { options_by_name ; options_of } from '../../functions/options'
include { by_role } from '../../functions/sheets'

// Contributions and motifs of each head to motif instances: called by one method or several, compared, pooled,
// summarized.
workflow INSTANCES {
    take:
    datasets // meta, files by role
    found // meta with `head`, contributions, motifs, TF-MoDISco's patterns
    merged // meta, what was merged of both heads' motifs
    options // of each command
    plan // `methods`: names of callers, the first of which counts; `filter_hits`: whether to filter its hits

    main:
    called = CALLHITS(
        found.flatMap { meta, contributions, motifs, patterns ->
            calls_of(meta, plan).collect { call -> tuple(call, contributions, motifs, patterns) }
        },
        options_by_name(options, 'callhits'),
    )
    calls = called.map { meta, hits, log ->
            def call = [method: meta.method, hits: hits, files: by_role(meta, 'callhits', [hits, log])]
            tuple(groupKey(meta.own, plan.methods.size()), call)
        }
        .groupTuple()
        .map { meta, all -> tuple(meta.target, all.sort { call -> plan.methods.indexOf(call.method) }) }
    chosen = called.filter { meta, _hits, _log -> meta.method == plan.methods.first() }
        .map { meta, hits, _log -> tuple(meta.own, hits) }

    // What chance explains is dropped, if that is wanted.
    motifs = found.map { meta, contributions, motifs, _patterns -> tuple(meta, contributions, motifs) }
    filtered = FILTERHITS(
        plan.filter_hits ? joined(chosen, motifs) : channel.empty(),
        options_of(options, 'filterhits'),
    )
    hits = plan.filter_hits ? filtered.map { meta, file, _more -> tuple(meta, file) } : chosen

    // Hits of both heads are one list under the names of merged motifs, whose statistics the report shows.
    of_heads = of_whole_tf(hits.map { meta, file -> tuple(meta, [(meta.head): file]) })
    pooled = COLLAPSE(
        joined(of_heads, merged).map { meta, files, pairs -> tuple(meta, files.values().toList(), pairs) },
        options_of(options, 'collapse'),
    )
    regions = datasets.map { meta, files -> tuple(meta, files['dataset/regions.tsv']) }
    summarized = SUMMARIZEHITS(
        joined(pooled.map { meta, file, _log -> tuple(meta, file) }, regions),
        options_of(options, 'summarizehits'),
    )

    // Hits of TFs with known sites are compared with them; methods with each other, known sites or not.
    data = datasets.map { meta, files ->
        tuple(meta.tf, files['dataset/regions.tsv'], files['given/known_sites'] ?: [], files['dataset/dataset.h5'])
    }
    heads = hits.map { meta, file -> tuple(meta.tf, meta, file) }
        .combine(data, by: 0)
        .branch { _tf, _meta, _file, _regions, sites, _dataset ->
            known: sites
            unknown: true
        }
    compared = COMPAREHITS(
        heads.known.map { _tf, meta, file, table, sites, _dataset -> tuple(meta, [''], file, table, sites, []) },
        options_of(options, 'comparehits'),
    )
    sets = calls.filter { plan.methods.size() > 1 }
        .map { meta, all -> tuple(meta.tf, meta + [id: "${meta.id}.methods".toString(), own: meta], all) }
        .combine(data, by: 0)
        .map { _tf, meta, all, table, sites, dataset ->
            tuple(meta, all.collect { call -> call.method }, all.collect { call -> call.hits }, table, sites, dataset)
        }
    side_by_side = COMPAREMETHODS(sets, options_of(options, 'comparehits'))

    // One tuple for each head, then one for each TF, as soon as all of its files are there: files by role.
    none = calls.map { meta, _all -> tuple(meta, [:]) }
    of_head = all_of([
        calls.map { meta, all -> tuple(meta, all.collect { call -> call.files }.sum()) },
        plan.filter_hits
            ? filtered.map { meta, file, more -> tuple(meta, by_role(meta, 'filterhits', [file, more])) }
            : none,
        compared.map { meta, files -> tuple(meta, by_role(meta, 'comparehits', [files])) }
            .mix(heads.unknown.map { _tf, meta, _file, _regions, _sites, _dataset -> tuple(meta, [:]) }),
        plan.methods.size() > 1
            ? side_by_side.map { meta, files -> tuple(meta.own, by_role(meta, 'comparehits', [files])) }
            : none,
    ])
    instances = all_of([
        of_whole_tf(of_head),
        pooled.map { meta, file, log -> tuple(meta, by_role(meta, 'collapse', [file, log])) },
        summarized.map { meta, files, log -> tuple(meta, by_role(meta, 'summarizehits', [files, log])) },
    ])

    emit:
    instances
}

// A call by each method for a head, whose meta is `own`. What later tasks see is named after the head alone.
def calls_of(meta, plan) {
    plan.methods.collect { method ->
        def first = plan.filter_hits ? '.unfiltered' : ''
        def suffix = method == plan.methods.first() ? first : ".${method}"
        meta + [id: "${meta.id}${suffix}".toString(), method: method, own: meta]
    }
}
