include { options ; quoted } from '../../functions/options'

process CALIBRATE {
    tag "${meta.id}"
    label 'process_low'
    cache 'deep'

    input:
    tuple val(meta), path(scores), path(library), path(facts), val(specs), path(matrices, stageAs: 'matrices/?/*')
    val settings

    output:
    tuple val(meta), path("${meta.id}.*.tsv", arity: '1..*'), path("${meta.id}.{calibrator,calibrate}.json"),
        emit: tables

    script:
    def motifs = [specs, [matrices].flatten()].transpose().collect { spec, file ->
        def (family, names) = spec
        // no text with a file in it: Nextflow would escape the file's name, within the quotes
        def parts = [family, family ? '=' : '', file.toString(), names ? '#' : '', names]
        "--matrices ${quoted(parts.join())}"
    }
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus}
    cistill calibrate --prefix ${meta.id} --scores ${scores} --library ${library} ${motifs.join(' ')} \\
        ${options(settings + [task: meta.task])} ${task.ext.args ?: ''}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.{calibration,calibrated,repeats,rmse_bars,residuals,largest_residuals,dynamic_range}.tsv \\
        ${meta.id}.{histograms,classes,additivity,additivity_summary}.tsv ${meta.id}.{calibrator,calibrate}.json
    """
}
