"""The builders of files that other tests share are found where those tests are."""

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parents[1] / folder) for folder in ("model", "formats")]
