"""What `make verify-pdf` says of files that it is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from verapdf.__main__ import main


def test_a_file_that_is_not_there_is_named_before_anything_is_verified(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"nope\.pdf: no such file$"):
        main([str(tmp_path / "nope.pdf")])
