"""Everything that numba compiles, for the set-up of an environment: `python -m cistill.api.compilation`."""

from importlib import import_module

# modules with loops of our own (`cistill.compiled`)
MODULES = (
    "cistill.hits.density.kernels",
    "cistill.hits.scan.word_index",
    "cistill.interpret.rescale",
    "cistill.interpret.shuffle",
    "cistill.interpret.slopes",
)


def compile_everything() -> None:
    """Compile the library's loops and the kernels of tfmodisco-lite into numba's cache: half a minute, once.

    Results do not depend on it: what is not there is compiled when a command first needs it.
    """
    from cistill.compiled import compile_loops
    from cistill.interpret.modisco import compile_kernels

    for module in MODULES:
        import_module(module)
    compile_loops()
    compile_kernels()


if __name__ == "__main__":
    compile_everything()
