import java.nio.file.Path

// Reading results in the tests of modules.
class Results {
    // The file of a process' output whose name ends so; null if there is none.
    static Path named(files, String end) {
        [files].flatten().collect { file -> Path.of(file.toString()) }
            .find { file -> file.fileName.toString().endsWith(end) }
    }

    // Rows of a table as maps; the `#` of a BED header is not part of its first column's name.
    static List<Map> table(file) {
        def lines = new File(file.toString()).readLines()
        def columns = lines.first().replaceFirst('^#', '').tokenize('\t')
        lines.drop(1)
            .collect { line -> [columns, line.split('\t', -1).toList()].transpose().collectEntries() }
    }

    // A JSON object as a map.
    static Map json(file) {
        new groovy.json.JsonSlurper().parse(new File(file.toString()))
    }

    // Names of the columns of a table.
    static List<String> columns(file) {
        new File(file.toString()).readLines().first().replaceFirst('^#', '').tokenize('\t')
    }

    // Names of the files of an output, sorted.
    static List<String> names(files) {
        [files].flatten().collect { file -> Path.of(file.toString()).fileName.toString() }.sort()
    }

    // Whether a file is of the type HDF5.
    static boolean hdf5(file) {
        def signature = [0x89, 0x48, 0x44, 0x46] as byte[]
        new File(file.toString()).withInputStream { stream -> stream.readNBytes(4) == signature }
    }
}
