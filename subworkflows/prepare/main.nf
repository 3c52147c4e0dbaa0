include { CHECK } from '../../modules/check'
include { COVERAGE } from '../../modules/coverage'
include { DATASET } from '../../modules/dataset'
include { dataset_input ; experiments_of } from './files'
include { existing_files } from '../../functions/files'
include { joined ; meta_of } from '../../functions/gathering'
include { parsed ; problems_in } from '../../functions/launch'
include { options_of } from '../../functions/options'
include { by_role ; table_rows } from '../../functions/sheets'

// Samplesheet to datasets: what is given is checked, reads become counts, counts around peaks a dataset for each TF.
workflow PREPARATION {
    take:
    sheet // the samplesheet
    named // map: what each sheet names, `samplesheet` with `files`
    genome // FASTA file, BED file of excluded intervals, JSON files of splits; [] for what is not given or missing
    parameters // all of them
    windows // lengths of the model's windows, where the options of `dataset` do not give them
    configuration // options of each command (JSON), problems of parameters and options
    options // of each command; nothing, if there are such problems

    main:
    // All problems of the input in one message, before anything else runs.
    checked = CHECK(
        sheet,
        named.combine(sheet).map { sheets, csv -> existing_files(sheets.samplesheet.files, csv) },
        genome,
        parameters,
        configuration.map { _json, problems -> problems },
        configuration.map { json, _problems -> parsed(json).check ?: [:] },
    )
    checked.problems.map { problems -> error(problems_in(problems)) }

    // A map for each TF: its tracks, peaks of its tasks, known sites. Then its tracks one by one: name, [map], track.
    experiments = checked.readsets.combine(sheet).flatMap { readsets, csv -> experiments_of(readsets, csv) }
    tracks = experiments
        .flatMap { tf -> tf.tracks.collect { track -> tuple(track.name, groupKey(tf, tf.tracks.size()), track) } }
        .branch { _name, _tf, track ->
            reads: track.bam
            counts: true
        }

    // Every BAM file is counted once: name, its counts.
    bams = tracks.reads.map { name, _tf, track -> tuple([id: name], track.bam) }.unique { meta, _bam -> meta.id }
    counts = COVERAGE(bams, checked.sizes.collect(), options_of(options, 'coverage'))
        .map { meta, plus, minus, log -> tuple(meta.id, [bigwigs: [plus, minus], log: log]) }

    // A TF whose tracks are all there goes on without waiting for the others.
    complete = tracks.reads
        .combine(counts, by: 0)
        .map { name, tf, track, counted -> tuple(name, tf, track + counted) }
        .mix(tracks.counts)
        .map { _name, tf, track -> tuple(tf, track) }
        .groupTuple()
        .map { tf, all -> tuple(tf.target, all.sort { track -> track.rank }) }
    made = DATASET(
        complete.map { tf, all -> dataset_input(tf, all) },
        genome,
        options_of(options, 'dataset').map { given -> windows + given },
    )

    // What else belongs to a TF: logs of the counting, each once; known sites; a simulation's truth.
    others = complete.map { tf, all ->
        def given = ['given/known_sites': tf.known_sites, 'given/truth': tf.truth]
        tuple(meta_of(tf.tf), given + ['coverage/logs': all.findResults { track -> track.log }.unique()])
    }
    results = made.map { meta, regions, dataset, log, verdicts ->
        tuple(meta, by_role(meta, 'dataset', [regions, dataset, log, verdicts]))
    }
    datasets = joined(results, others).map { meta, files, more -> tuple(meta, files + more) }
    tfs = checked.readsets.map { table -> table_rows(table).collect { row -> row.tf }.unique() }

    emit:
    datasets // meta, files by role
    tfs // names of all TFs
}
