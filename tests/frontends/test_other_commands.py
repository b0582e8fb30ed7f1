"""``attnlint rule``, ``rules``, ``config``, ``ops``, ``--version``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import attnlint
from attnlint.rules import all_rules, codes
from attnlint.rules.pages import main as write_pages
from attnlint.settings import key_of, option_fields
from tests.frontends.conftest import Cli

ROOT = Path(__file__).parents[2]


def test_version(cli: Cli) -> None:
    assert cli("--version") == (0, f"attnlint {attnlint.__version__}\n", "")


def test_help_names_the_commands(cli: Cli) -> None:
    code, out, _ = cli("--help")
    assert code == 0
    assert "shapes" in out


def test_a_rule_by_code_or_name(cli: Cli) -> None:
    code, out, _ = cli("rule", "ATN103")
    assert code == 0
    for part in ("# ATN103 wrong-number-of-dimensions", "torch.bmm(query", "## Use instead", "## How to fix it"):
        assert part in out
    assert cli("rule", "wrong-number-of-dimensions")[1] == out
    assert json.loads(cli("rule", "ATN103", "--output-format", "json")[1])["code"] == "ATN103"


def test_an_unknown_rule(cli: Cli) -> None:
    code, out, err = cli("rule", "matmul-inner-dimensions")
    assert (code, out) == (2, "")
    assert "did you mean matmul-inner-dimension?" in err


def test_all_rules(cli: Cli) -> None:
    assert [line.split()[0] for line in cli("rules")[1].splitlines()] == list(codes())
    assert len(json.loads(cli("rules", "--output-format", "json")[1])) == len(all_rules())


def test_the_configuration_is_described_from_the_code(cli: Cli) -> None:
    out = cli("config")[1]
    for option in option_fields():
        assert key_of(option.name) in out
    assert cli("config", "per-file-ignores")[1].startswith("per-file-ignores (table of lists of strings)")
    assert json.loads(cli("config", "jobs", "--output-format", "json")[1])[0]["default"] == 0
    assert cli("config", "nonsense")[0] == 2


def test_the_generated_pages_are_current(project: Path, monkeypatch: object) -> None:
    os.chdir(ROOT)
    assert write_pages(["--check"]) == 0


def test_starting_does_not_import_what_it_does_not_need() -> None:
    program = (
        "import sys; from attnlint.cli import main; main(['--version']); main(['check', '-q', sys.argv[1]]); "
        "print([name for name in ('libcst', 'torch', 'multiprocessing', 'attnlint.verify') if name in sys.modules])"
    )
    path = ROOT / "src" / "attnlint" / "__init__.py"
    result = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[]"


def test_the_operations_come_from_the_registry(cli: Cli) -> None:
    rows = cli("ops", "scaled_dot")[1].splitlines()
    assert any(row.startswith("torch.nn.functional.scaled_dot_product_attention ") for row in rows)
    entries = json.loads(cli("ops", "nn.Linear", "--output-format", "json")[1])
    assert {"name": "torch.nn.Linear", "kind": "layer"}.items() <= entries[0].items()
    assert cli("ops", "no such thing") == (0, "", "")
