include { options ; quoted } from '../options'

process CALIBRATE {
    tag "${meta.id}"
    label 'process_low'
    cache 'deep'

    input:
    tuple val(meta), path(scores), path(library), path(facts), val(specs), path(matrices, stageAs: 'matrices/?/*')
    val settings

    output:
    tuple val(meta), path("${meta.id}.{calibration,calibrated,repeats,rmse_bars,residuals,largest_residuals,dynamic_range,histograms,classes,additivity,additivity_summary}.tsv"), path("${meta.id}.{calibrator,calibrate}.json"), emit: tables

    script:
    def motifs = [specs, [matrices].flatten()].transpose().collect { spec, file ->
        def (family, names) = spec
        "--matrices ${quoted("${family ? "${family}=" : ''}${file}${names ? "#${names}" : ''}")}"
    }
    """
    # library ${task.ext.library}
    export OMP_NUM_THREADS=${task.cpus}
    calibrate --prefix ${meta.id} --scores ${scores} --library ${library} ${motifs.join(' ')} ${options(settings + (meta.task ? [task: meta.task] : [:]))}
    """

    stub:
    """
    # library ${task.ext.library}
    touch ${meta.id}.{calibration,calibrated,repeats,rmse_bars,residuals,largest_residuals,dynamic_range,histograms,classes,additivity,additivity_summary}.tsv ${meta.id}.{calibrator,calibrate}.json
    """
}
