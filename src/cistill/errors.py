"""The one exception for bad input. The CLIs turn it into one message and exit code 2."""


class InputError(ValueError):
    """Something that the user gave is wrong.

    The message is written for the person who reads it: what was wrong, where (file, row, column), what to do.
    It may hold several lines, one per problem.
    """
