// Settings as options of a command: `[min_mapq: 30]` is `--min_mapq 30`, true is a bare flag; false, null and '' are left out.
def options(settings) {
    settings
        .findAll { _name, value -> value != null && !(value.toString() in ['', 'false']) }
        .collect { name, value -> value.toString() == 'true' ? "--${name}" : "--${name} ${quoted(value)}" }
        .join(' ')
}

// A text as one word of a shell command.
def quoted(text) {
    "'" + text.toString().replace("'", "'\\''") + "'"
}
