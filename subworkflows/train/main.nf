include { TRAIN } from '../../modules/train'
include { PREDICT } from '../../modules/predict'
include { by_role } from '../sheets'

// Datasets to models and what these predict for every region of the dataset.
workflow TRAINING {
    take:
    datasets // meta, files by role
    preset // JSON file with arguments of the network
    checkpoint_dir // folder for the states of unfinished trainings, or empty
    settings // options of `train` and `predict`

    main:
    data = datasets.map { meta, files -> tuple(meta, files['dataset/dataset.h5']) }
    trained = TRAIN(data, preset, settings.train, checkpoint_dir)
    predicted = PREDICT(data.join(trained.map { meta, model, _history, _log -> tuple(meta, model) }), settings.predict)

    // One tuple for each TF: all files of the model and of its predictions.
    models = trained
        .map { meta, model, history, log -> tuple(meta, by_role(meta, 'train', [model, history, log])) }
        .join(predicted.map { meta, profiles, regions, metrics, log -> tuple(meta, by_role(meta, 'predict', [profiles, regions, metrics, log])) })
        .map { meta, model, predictions -> tuple(meta, model + predictions) }

    emit:
    models
}
