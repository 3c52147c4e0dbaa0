include { options } from '../../functions/options'

process SIMULATE {
    tag "${preset}"
    label 'process_low'

    input:
    val preset
    val settings

    output:
    path 'simulation', emit: folder
    path 'simulation/samplesheet.csv', emit: samplesheet
    path 'simulation/genome.fa.gz', emit: fasta
    path 'simulation/motifs.meme', emit: motif_db
    path 'simulation/affinity.csv', emit: affinity
    path 'sheets.json', emit: sheets

    script:
    """
    # library ${task.ext.library}
    cistill simulate --preset ${preset} --outdir simulation ${options(settings)} ${task.ext.args ?: ''}
    cistill sheetfiles --samplesheet simulation/samplesheet.csv --affinity simulation/affinity.csv
    """

    stub:
    """
    # library ${task.ext.library}
    echo '{"samplesheet": {"files": [], "tasks": ["SIM/sim"]}, "affinity": {"files": []}}' > sheets.json
    mkdir -p simulation/truth && cd simulation
    echo tf,task,bam,control_bam,peaks,known_sites,truth > samplesheet.csv
    for replicate in 1 2; do
        echo SIM,sim,rep\$replicate.bam,control.bam,sim.narrowPeak,truth/sites.bed,truth/truth.json >> samplesheet.csv
    done
    printf 'tf,task,library,file,reader\\nSIM,,variants,truth/energies.tsv,simulated_energies\\n' > affinity.csv
    touch genome.fa.gz motifs.meme {rep1,rep2,control}.bam sim.narrowPeak truth/{sites.bed,truth.json,energies.tsv}
    """
}
