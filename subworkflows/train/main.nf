include { TRAIN } from '../../modules/train'
include { FINETUNE } from '../../modules/finetune'
include { SELECT } from '../../modules/select'
include { PREDICT } from '../../modules/predict'
include { TUNING } from '../tune'
include { group_of ; in_order ; runs_of ; tf_of } from './runs'
include { all_of ; joined } from '../../functions/gathering'
include { options_of } from '../../functions/options'
include { by_role } from '../../functions/sheets'

// Datasets to models, folds and restarts side by side, and what the models predict for every region of the dataset.
workflow TRAINING {
    take:
    datasets // meta, files by role
    given // JSON file with arguments of the network, table with the user's choice of networks or []
    checkpoint_dir // folder for the states of unfinished trainings, or empty
    options // of each command
    plan // which trainings to run

    main:
    data = datasets.map { meta, files -> tuple(meta, files['dataset/dataset.h5']) }
    tuned = TUNING(data, given.preset, checkpoint_dir, options, plan)
    chosen = plan.tune_trials
        ? tuned.map { meta, _table, json -> tuple(meta, json) }
        : data.map { meta, _dataset -> tuple(meta, []) }

    // Every training, then all of a fold and kind of a TF: meta, models, histories, logs.
    runs = joined(datasets, chosen).flatMap { meta, files, json ->
        runs_of(meta, files['dataset/dataset.json'], plan)
            .collect { run -> tuple(run, files['dataset/dataset.h5'], json) }
    }
    groups = TRAIN(runs, given.preset, options_of(options, 'train'), checkpoint_dir)
        .map { meta, models, histories, logs -> tuple(group_of(meta), models, histories, logs) }
        .groupTuple()
        .map { group, models, histories, logs ->
            tuple(group.target, in_order(models), in_order(histories), in_order(logs))
        }

    // The best restart of each goes on with its trunk frozen.
    wanted = groups.filter { plan.finetune }
        .map { meta, models, _histories, _logs -> tuple(meta.tf, meta, models) }
        .combine(data.map { meta, dataset -> tuple(meta.tf, dataset) }, by: 0)
        .map { _tf, meta, models, dataset -> tuple(meta, dataset, models) }
    finetuned = FINETUNE(wanted, options_of(options, 'finetune'))
    results = plan.finetune
        ? joined(groups, finetuned)
        : groups.map { meta, models, histories, logs -> tuple(meta, models, histories, logs, [], [], []) }
    found = results
        .map { meta, models, histories, logs, tuned_models, tuned_histories, tuned_logs ->
            tuple(tf_of(meta), models, [histories, logs], tuned_models, [tuned_histories, tuned_logs])
        }
        .groupTuple()
        .map { tf, models, tables, tuned_models, tuned_tables ->
            tuple(tf.target, in_order(models), in_order(tables), in_order(tuned_models), in_order(tuned_tables))
        }

    // The model of each TF, and its predictions.
    selected = SELECT(
        found.map { meta, models, _tables, tuned_models, _tuned_tables -> tuple(meta, models + tuned_models) },
        given.choice,
        options_of(options, 'select'),
    )
    predicted = PREDICT(
        joined(data, selected.map { meta, model, _table, _log -> tuple(meta, model) }),
        options_of(options, 'predict'),
    )

    // One tuple for each TF: all files of the search, of the trainings, of the choice and of the predictions.
    models = all_of([
        plan.tune_trials
            ? tuned.map { meta, table, json -> tuple(meta, by_role(meta, 'tune', [table, json])) }
            : data.map { meta, _dataset -> tuple(meta, [:]) },
        found.map { meta, all, tables, tuned_models, tuned_tables ->
            tuple(meta, by_role(meta, 'train', all + tables) + by_role(meta, 'finetune', tuned_models + tuned_tables))
        },
        selected.map { meta, model, table, log -> tuple(meta, by_role(meta, 'select', [model, table, log])) },
        predicted.map { meta, files, tracks -> tuple(meta, by_role(meta, 'predict', [files, tracks])) },
    ])

    emit:
    models
}
