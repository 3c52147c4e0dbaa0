include { SHAP } from '../../modules/shap'
include { MODISCO } from '../../modules/modisco'
include { MERGEMOTIFS } from '../../modules/mergemotifs'
include { INSTANCES } from './instances'
include { all_of ; joined ; of_whole_tf } from '../../functions/gathering'
include { options_of } from '../../functions/options'
include { by_role } from '../../functions/sheets'

// Datasets and models to contributions, motifs and motif instances, for the counts head and the profile head.
workflow INTERPRETATION {
    take:
    datasets // meta, files by role
    models // meta, files by role
    motif_db // file of known motifs, or []
    checkpoint_dir // folder for what unfinished tasks have done, or empty
    options // of each command
    plan // the methods that call instances, and whether to filter their hits

    main:
    both = joined(datasets, models)
    explained = SHAP(
        both.map { meta, data, model -> tuple(meta, data['dataset/dataset.h5'], model['select/model.safetensors']) },
        options_of(options, 'shap'),
        checkpoint_dir,
    )

    // From here on one tuple for each head: meta with `head`, contributions.
    contributions = explained.flatMap { meta, counts, profile, _logs, _tracks ->
        heads_of(meta, [counts: counts, profile: profile])
    }
    profiles = both.map { meta, data, model ->
        tuple(meta.tf, data['dataset/dataset.h5'], model['predict/predictions.h5'])
    }
    with_profiles = contributions.map { meta, file -> tuple(meta.tf, meta, file) }
        .combine(profiles, by: 0)
        .map { _tf, meta, file, dataset, predictions -> tuple(meta, file, dataset, predictions) }
    discovered = MODISCO(with_profiles, motif_db, options_of(options, 'modisco'))
    motifs = of_whole_tf(discovered.motifs.map { meta, file -> tuple(meta, [(meta.head): file]) })
    merged = MERGEMOTIFS(
        motifs.map { meta, files -> tuple(meta, files.counts, files.profile) },
        motif_db,
        options_of(options, 'motifs.merge-heads'),
    )
    pairs = merged.tables.map { meta, files -> tuple(meta, files.find { file -> file.name.endsWith('.merged.tsv') }) }
    found = joined(discovered.motifs, discovered.patterns)
    instances = INSTANCES(datasets, joined(contributions, found), pairs, options, plan)

    // One tuple for each TF: all its files by role.
    of_heads = joined(found, discovered.tables).map { meta, file, patterns, tables ->
        tuple(meta, by_role(meta, 'modisco', [file, patterns, tables]))
    }
    merged_motifs = joined(merged.motifs, merged.tables).map { meta, file, tables ->
        tuple(meta, by_role(meta, 'motifs', [file, tables]))
    }
    of_tfs = [
        explained.map { meta, counts, profile, logs, tracks ->
            tuple(meta, by_role(meta, 'shap', [counts, profile, logs, tracks]))
        },
        of_whole_tf(of_heads),
        merged_motifs,
        instances,
    ]
    interpretations = all_of(of_tfs).map { meta, files -> tuple(meta, files.sort()) }

    emit:
    interpretations // meta, files by role
    merged_motifs // meta, those files of them that hold the motifs of both heads, before instances are called
}

// A tuple for each head of a TF's files; `of` is how many heads it has.
def heads_of(meta, files) {
    files.collect { head, file ->
        tuple(meta + [id: "${meta.tf}.${head}".toString(), head: head, of: files.size()], file)
    }
}
