include { SHAP } from '../../modules/shap'
include { MODISCO } from '../../modules/modisco'
include { CALLHITS } from '../../modules/callhits'
include { COMPAREHITS } from '../../modules/comparehits'
include { by_role } from '../sheets'

// Datasets and models to contributions, motifs and motif instances, for the counts head and the profile head.
workflow INTERPRETATION {
    take:
    datasets // meta, files by role
    models // meta, files by role
    motif_db // MEME file, or []
    settings // options of `shap`, `modisco`, `callhits` and `comparehits`

    main:
    pairs = datasets.join(models).map { meta, data, model -> tuple(meta, data['dataset/dataset.h5'], model['select/model.safetensors']) }
    explained = SHAP(pairs, settings.shap)

    // From here on one tuple for each head: meta with `head`, contributions.
    contributions = explained.flatMap { meta, counts, profile, _log ->
        [counts: counts, profile: profile].collect { head, file -> tuple(meta + [id: "${meta.tf}.${head}".toString(), head: head], file) }
    }
    discovered = MODISCO(contributions, motif_db, settings.modisco)
    called = CALLHITS(contributions.join(discovered.motifs), settings.callhits)

    // Hits of TFs with known sites are compared with them: meta, hits, regions, known sites.
    sites = datasets.map { meta, files -> tuple(meta.tf, files['dataset/regions.tsv'], files['given/known_sites']) }
    hits = called.map { meta, hits, _log -> tuple(meta.tf, meta, hits) }
        .combine(sites, by: 0)
        .branch { _tf, meta, hits, regions, known ->
            comparable: known
            return tuple(meta, hits, regions, known)
            alone: true
            return tuple(meta, [])
        }
    compared = COMPAREHITS(hits.comparable, settings.comparehits).mix(hits.alone)

    // One tuple for each TF: the files of both heads.
    heads = contributions.join(discovered.motifs).join(discovered.tables).join(called).join(compared).map { meta, shap, motifs, tables, instances, log, comparison ->
        def found = [shap: [shap], modisco: [motifs, tables], callhits: [instances, log], comparehits: [comparison]]
        tuple(groupKey(meta.tf, 2), found.collect { folder, files -> by_role(meta, folder, files) }.sum())
    }
    logs = explained.map { meta, _counts, _profile, log -> tuple(meta.tf, by_role(meta, 'shap', [log])) }
    interpretations = heads.groupTuple().map { tf, files -> tuple(tf.target, files) }.join(logs).map { tf, files, log ->
        tuple([id: tf, tf: tf], (files + [log]).sum().sort())
    }

    emit:
    interpretations
}
