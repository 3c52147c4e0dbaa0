include { SHAP } from '../../modules/shap'
include { MODISCO } from '../../modules/modisco'
include { MERGEMOTIFS } from '../../modules/mergemotifs'
include { INSTANCES } from './instances'
include { by_role } from '../sheets'

// Datasets and models to contributions, motifs and motif instances, for the counts head and the profile head.
workflow INTERPRETATION {
    take:
    datasets // meta, files by role
    models // meta, files by role
    motif_db // MEME file, or []
    checkpoint_dir // folder for what unfinished tasks have done, or empty
    settings // options of the commands; the methods that call instances

    main:
    pairs = datasets.join(models).map { meta, data, model -> tuple(meta, data['dataset/dataset.h5'], model['select/model.safetensors']) }
    explained = SHAP(pairs, settings.shap, checkpoint_dir)

    // From here on one tuple for each head: meta with `head`, contributions.
    contributions = explained.attributions.flatMap { meta, counts, profile, _logs ->
        [counts: counts, profile: profile].collect { head, file -> tuple(meta + [id: "${meta.tf}.${head}".toString(), head: head], file) }
    }
    profiles = datasets.join(models).map { meta, data, model -> tuple(meta.tf, data['dataset/dataset.h5'], model['predict/predictions.h5']) }
    with_profiles = contributions.map { meta, file -> tuple(meta.tf, meta, file) }
        .combine(profiles, by: 0)
        .map { _tf, meta, file, dataset, predictions -> tuple(meta, file, dataset, predictions) }
    discovered = MODISCO(with_profiles, motif_db, settings.modisco)
    both = discovered.motifs.map { meta, file -> tuple(meta.tf, meta.head, file) }
        .groupTuple(size: 2)
        .map { tf, heads, files -> tuple([id: tf, tf: tf], files[heads.indexOf('counts')], files[heads.indexOf('profile')]) }
    merged = MERGEMOTIFS(both, motif_db)

    pairings = merged.tables.map { meta, files -> tuple(meta, files.find { file -> file.name.endsWith('.merged.tsv') }) }
    instances = INSTANCES(datasets, contributions.join(discovered.motifs).join(discovered.patterns), pairings, settings)

    // One tuple for each TF: all its files by role.
    tables = discovered.motifs.join(discovered.patterns).join(discovered.tables)
        .map { meta, motifs, patterns, more -> tuple(meta.tf, by_role(meta, 'modisco', [motifs, patterns, more])) }
        .mix(explained.attributions.map { meta, counts, profile, logs -> tuple(meta.tf, by_role(meta, 'shap', [counts, profile, logs])) })
        .groupTuple(size: 3)
        .map { tf, files -> tuple([id: tf, tf: tf], files.sum()) }
    joined = merged.motifs.join(merged.tables).map { meta, motifs, more -> tuple(meta, by_role(meta, 'motifs', [motifs, more])) }
    interpretations = tables.join(joined).join(instances).map { meta, files, motifs, hits -> tuple(meta, (files + motifs + hits).sort()) }

    emit:
    interpretations
}
