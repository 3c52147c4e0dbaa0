// Settings as options of a command: `[min_mapq: 30]` is `--min_mapq 30`, true is a bare flag, a list is an option given
// several times; false, null, '' and no file are left out.
def options(settings) {
    (settings ?: [:])
        .collectMany { name, value -> (value instanceof List ? value : [value]).collect { one -> [name, one] } }
        .findAll { _name, value -> value != null && !(value.toString() in ['', 'false']) }
        .collect { name, value -> value.toString() == 'true' ? "--${name}" : "--${name} ${quoted(value)}" }
        .join(' ')
}

// A text as one word of a shell command.
def quoted(text) {
    "'" + text.toString().replace("'", "'\\''") + "'"
}

// The options of one command, out of those of all commands.
def options_of(all, command) {
    all.map { of_commands -> of_commands[command] ?: [:] }
}

// Those of a command's sub-commands, or callers: a map of name to options.
def options_by_name(all, command) {
    all.map { of_commands ->
        of_commands.findAll { name, _options -> name.startsWith("${command}.") }
            .collectEntries { name, options -> [name - "${command}.", options] }
    }
}
