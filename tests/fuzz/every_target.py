"""All readers that are fuzzed, by name."""

from binary_targets import BINARY_TARGETS
from targets import Target
from text_targets import TEXT_TARGETS

TARGETS: dict[str, Target] = {target.name: target for target in (*TEXT_TARGETS, *BINARY_TARGETS)}
