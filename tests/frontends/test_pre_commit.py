"""The hook under the real pre-commit, in a repository of the test's own. Slow: it builds the hook's environment."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.frontends.test_notebooks import notebook

ROOT = Path(__file__).parents[2]
SHIPPED = ("src", "pyproject.toml", "README.md", ".pre-commit-hooks.yaml")
BAD = "import torch\n\nscores = torch.bmm(torch.randn(10, 512), torch.randn(512, 10))\n"


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.invalid")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="module")
def hook_repository(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The working tree as a repository that pre-commit can clone, and its revision."""
    folder = tmp_path_factory.mktemp("hook") / "attnlint"
    folder.mkdir()
    for name in SHIPPED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "-q", "-m", "state under test")
    return folder, git(folder, "rev-parse", "HEAD")


@pytest.mark.slow
def test_the_hook(hook_repository: tuple[Path, str], project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, revision = hook_repository
    monkeypatch.setenv("PRE_COMMIT_HOME", str(source.parent / "pre-commit"))
    monkeypatch.delenv("GIT_DIR", raising=False)
    git(project, "init", "-q")
    (project / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {source}\n  rev: {revision}\n  hooks:\n  - id: attnlint\n"
    )
    (project / "pyproject.toml").write_text('[tool.attnlint]\nextend-exclude = ["generated/"]\n')
    (project / "good.py").write_text("import torch\n\nscores = torch.randn(10, 512) @ torch.randn(512, 10)\n")
    (project / "generated").mkdir()
    (project / "generated" / "bad.py").write_text(BAD)
    git(project, "add", "--all")

    def hook() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never"]
        return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=500)

    clean = hook()
    assert clean.returncode == 0, clean.stdout + clean.stderr
    assert "Passed" in clean.stdout
    (project / "bad.py").write_text(BAD)
    git(project, "add", "bad.py")
    found = hook()
    assert found.returncode == 1
    assert "bad.py:3:10: ATN103" in found.stdout
    assert "generated" not in found.stdout

    environments = list((source.parent / "pre-commit").glob("repo*/py_env*"))
    assert environments
    assert not any(list(one.rglob("torch/__init__.py")) for one in environments)


@pytest.mark.slow
def test_the_hook_verifies_with_the_torch_of_the_project_and_reads_notebooks(
    hook_repository: tuple[Path, str], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    source, revision = hook_repository
    monkeypatch.setenv("PRE_COMMIT_HOME", str(source.parent / "pre-commit"))
    monkeypatch.delenv("GIT_DIR", raising=False)
    git(project, "init", "-q")
    arguments = f"[--verify, --python, {sys.executable}, --output-format, concise]"
    (project / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {source}\n  rev: {revision}\n  hooks:\n  - id: attnlint\n    args: {arguments}\n"
    )
    (project / "bad.py").write_text(BAD)
    (project / "bad.ipynb").write_text(notebook((("code", BAD),)))
    git(project, "add", "--all")
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never"]
    found = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=500)
    assert found.returncode == 1
    assert "bad.py:3:10: ATN103" in found.stdout
    assert "bad.ipynb:cell 1:3:10: ATN103" in found.stdout
    assert found.stdout.count("[confirmed: batch1 must be a 3D tensor]") == 2
