"""What a network is made of: lengths, layers, heads and how controls enter; JSON in presets and model files."""

from dataclasses import asdict, dataclass, fields
from numbers import Integral
from typing import Any

from cistill.errors import InputError

CHOICES = {
    "family": ("profile", "distill"),
    "residual": ("post", "pre", "sum"),
    "profile_control": ("log1p", "raw", "wide"),
    "count_control": ("log1p", "raw", "joint", "joint_wide"),
}
MOST_LAYERS = 12  # of those tried to close the windows
LARGEST = 1 << 24  # of any number here: a window of 16 Mb
DEEPEST = 24  # dilated layers


@dataclass(frozen=True)
class NetworkConfig:
    """Arguments of a network.

    The fields up to `control_smoothing` are for networks trained here; those below describe networks that were trained
    by other programs, and their defaults are what this program trains.

    Attributes
    ----------
    input_length, output_length : int
        Window lengths in bp. `input_length - output_length` must equal the trim of the convolutions (and twice the
        crop, where there is one).
    filters : int
        Kernels of every trunk layer. The distill family uses each in both orientations: twice as many channels.
    layers : int
        Number of dilated layers, with dilations 2, 4, ..., 2**layers.
    first_kernel, dilated_kernel, profile_kernel : int
        Widths in bp; odd (the distill family's published profile kernels are even in part: allowed there).
    tasks : int
        Number of experiments predicted at once.
    controls : bool
        Whether both heads take control tracks.
    last_residual : bool
        Profile family: whether the last dilated layer is added to its input as the others are. The published system
        leaves it out.
    family : {"profile", "distill"}
        `profile`: ordinary convolutions with sums of residuals. `distill`: reverse-complement-equivariant
        convolutions, each layer fed with the average of all before it.
    control_smoothing : int
        Distill family: width in bp of the moving average of the control that enters beside the control itself. Odd
        keeps the network exactly reverse-complement-equivariant; the published width is 50.
    residual : {"post", "pre", "sum"}
        Where a dilated layer has its ReLU, with x its input: `post` x + relu(conv(x)); `pre` x + conv(relu(x)), with a
        ReLU after the last layer; `sum` relu(x + conv(x)).
    strands : int
        Profiles per task: 2, or 1 for data that are not split by strand.
    joint_profile : bool
        Whether the profile is one distribution over both strands and all positions, instead of one per strand.
    joint_counts : bool
        Whether one number per task, the log total of its strands, is predicted instead of one per strand.
    profile_crop : int
        bp cut from either side of the profile head's output; the count head still averages over the whole trunk.
    profile_control : {"log1p", "raw", "wide"}
        How control counts c enter the profile head: ln(1 + c) or c per base, mixed with the head's output; `wide`: c
        through a convolution of its own, as wide as the profile head's, over `control_length` bp.
    count_control : {"log1p", "raw", "joint", "joint_wide"}
        How control totals t enter the count head: ln(1 + t) or t per strand; `joint`: one number, ln(pseudocount + t of
        both strands); `joint_wide`: the same over `control_length` bp. The distill family always takes ln(1 + t of
        both strands).
    count_control_pseudocount : int
        The pseudocount of the joint forms.
    """

    input_length: int = 2114
    output_length: int = 1000
    filters: int = 64
    layers: int = 8
    first_kernel: int = 21
    dilated_kernel: int = 3
    profile_kernel: int = 75
    tasks: int = 1
    controls: bool = False
    last_residual: bool = False
    family: str = "profile"
    control_smoothing: int = 51
    residual: str = "post"
    strands: int = 2
    joint_profile: bool = False
    joint_counts: bool = False
    profile_crop: int = 0
    profile_control: str = "log1p"
    count_control: str = "log1p"
    count_control_pseudocount: int = 1

    @property
    def dilations(self) -> tuple[int, ...]:
        """Dilation of each dilated layer."""
        return tuple(2**i for i in range(1, self.layers + 1))

    @property
    def receptive_field(self) -> int:
        """How many bp of sequence one position of the trunk's output sees."""
        return self.first_kernel + (self.dilated_kernel - 1) * sum(self.dilations)

    @property
    def profile_receptive_field(self) -> int:
        """How many bp of sequence one position of the predicted profile sees."""
        return self.receptive_field + self.profile_kernel - 1

    @property
    def trim(self) -> int:
        """How many bp the output window is shorter than the input window, for the convolutions alone."""
        return self.profile_receptive_field - 1

    @property
    def channels(self) -> int:
        """Channels of the trunk's output."""
        return 2 * self.filters if self.family == "distill" else self.filters

    @property
    def positions(self) -> int:
        """Positions of the trunk's output."""
        return self.input_length - self.receptive_field + 1

    @property
    def trunk_scale(self) -> float:
        """What the sum of residuals is multiplied by: the distill family takes the average of all layers."""
        return 1 / (self.layers + 1) if self.family == "distill" else 1.0

    def adds(self, i: int) -> bool:
        """Return whether dilated layer i is added to its input."""
        return i < self.layers - 1 or self.last_residual or self.family == "distill"

    @property
    def counts_per_task(self) -> int:
        """Log counts predicted per task: one per strand, or one for all."""
        return 1 if self.joint_counts else self.strands

    @property
    def per_strand(self) -> bool:
        """Whether profiles and counts are predicted strand by strand, as all networks trained here do."""
        return self.strands == 2 and not self.joint_profile and not self.joint_counts

    @property
    def control_length(self) -> int:
        """How many bp of control the heads look at, centred like the other windows."""
        wide = self.profile_control == "wide" or self.count_control == "joint_wide"
        return self.output_length + (self.profile_kernel - 1 if self.controls and wide else 0)

    @property
    def equivariant(self) -> bool:
        """Whether a reverse complement gives exactly the reversed prediction, so that averaging over both is idle."""
        return self.family == "distill" and (not self.controls or self.control_smoothing % 2 == 1)

    def check(self) -> None:
        """Raise InputError where the lengths do not close or an argument is out of range."""
        self._check_types()
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise InputError(f"{name} must be one of {', '.join(choices)}, not {getattr(self, name)!r}")
        for name in ("first_kernel", "dilated_kernel", "profile_kernel"):
            even_allowed = name == "profile_kernel" and self.family == "distill"
            if getattr(self, name) < 1 or (getattr(self, name) % 2 == 0 and not even_allowed):
                raise InputError(f"{name} must be odd and positive, not {getattr(self, name)}")
        for name in ("input_length", "output_length", "filters", "tasks", "control_smoothing"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} must be at least 1, not {getattr(self, name)}")
        for name in ("layers", "profile_crop"):
            if getattr(self, name) < 0:
                raise InputError(f"{name} must not be negative, not {getattr(self, name)}")
        if self.strands not in (1, 2):
            raise InputError(f"strands must be 1 or 2, not {self.strands}")
        self._check_family()
        self._check_lengths()

    def _check_types(self) -> None:
        """Raise InputError for a value of another type than the argument's, or one beyond all reason."""
        kinds = {"int": "a whole number", "bool": "true or false", "str": "text"}
        for field in fields(self):
            value, kind = getattr(self, field.name), getattr(field.type, "__name__", str(field.type))
            right = isinstance(value, {"int": Integral, "bool": bool, "str": str}[kind])
            if not right or (kind == "int" and isinstance(value, bool)):
                raise InputError(f"{field.name} must be {kinds[kind]}, not {value!r:.60}")
            most = DEEPEST if field.name == "layers" else LARGEST
            if kind == "int" and abs(value) > most:
                raise InputError(f"{field.name} must be at most {most:,}, not {value!r:.60}")

    def _check_family(self) -> None:
        """Raise InputError for what the distill family does not have."""
        if self.family != "distill":
            return
        foreign = {
            "last_residual": False,
            "residual": "post",
            "strands": 2,
            "joint_profile": False,
            "joint_counts": False,
            "profile_crop": 0,
            "count_control": "log1p",
        }
        wrong = [name for name, value in foreign.items() if getattr(self, name) != value]
        if self.profile_control == "wide":
            wrong.append("profile_control")
        if wrong:
            raise InputError(f"the distill family has no such option: {', '.join(wrong)}")

    def _check_lengths(self) -> None:
        """Raise InputError with the nearest lengths, and the number of layers, that close."""
        shorter = self.trim + 2 * self.profile_crop
        if self.input_length - self.output_length == shorter:
            return
        kernels = f"{self.first_kernel}/{self.dilated_kernel}/{self.profile_kernel}"
        fixes = [f"input length {self.output_length + shorter} for this output"]
        if self.input_length > shorter:
            fixes.append(f"output length {self.input_length - shorter} for this input")
        closing = self.closing_layers()
        fixes.append("no number of layers closes both" if closing is None else f"{closing} layers for both")
        raise InputError(
            f"input length {self.input_length} and output length {self.output_length} do not close: "
            f"{self.layers} dilated layers with kernels {kernels} trim {shorter} bp. Use {', or '.join(fixes[:-1])} "
            f"({fixes[-1]})"
        )

    def closing_layers(self) -> int | None:
        """Return the number of dilated layers for which the lengths close, None if there is none."""
        target = self.input_length - self.output_length - 2 * self.profile_crop
        outer = self.first_kernel - 1 + self.profile_kernel - 1
        for layers in range(MOST_LAYERS + 1):
            if outer + (self.dilated_kernel - 1) * (2 ** (layers + 1) - 2) == target:
                return layers
        return None

    def to_json(self) -> dict[str, Any]:
        """Return the arguments as a dictionary."""
        return asdict(self)
