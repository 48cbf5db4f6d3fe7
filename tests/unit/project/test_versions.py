from __future__ import annotations

from pathlib import Path

import pytest

from wslint.project.versions import library_versions, release

UV_LOCK = """\
version = 1

[[package]]
name = "channels"
version = "4.1.0"

[[package]]
name = "Django_Waffle"
version = "5.0.0"

[[package]]
name = "other"
version = "1.0"
"""


@pytest.mark.parametrize(
    ("name", "text", "versions"),
    [
        ("uv.lock", UV_LOCK, {"channels": "4.1.0", "django-waffle": "5.0.0"}),
        ("poetry.lock", UV_LOCK, {"channels": "4.1.0", "django-waffle": "5.0.0"}),
        (
            "pylock.toml",
            '[[packages]]\nname = "starlette"\nversion = "0.45.0"\n',
            {"starlette": "0.45.0"},
        ),
        (
            "requirements-dev.txt",
            "# c\nchannels[daphne]==4.3.2 ; extra\nstarlette>=0.4\nfastapi === 0.1\n",
            {"channels": "4.3.2", "fastapi": "0.1"},
        ),
        (
            "requirements.txt",
            "channels >=4, <4.2\ndjango~=4.2.0\nfastapi==0.1.*\nasgiref!=3\n",
            {"channels": ">=4,<4.2", "django": "~=4.2.0", "fastapi": "==0.1.*"},
        ),
        (
            "Pipfile.lock",
            (
                '{"default": {"channels": {"version": "==2.4.0"}, "x": {"version": "==1"}},'
                ' "develop": {"pytest": {"version": "==8.0", "index": "pypi"}}}'
            ),
            {"channels": "2.4.0", "pytest": "8.0"},
        ),
        ("Pipfile.lock", "[]", {}),
        ("Pipfile.lock", "{", {}),
        (
            "Pipfile",
            (
                '[packages]\nchannels = "==2.3.1"\ndjango = "*"\nasgiref = {version = "~=3.2"}\n'
                '[dev-packages]\npytest = "<8"\n'
            ),
            {"channels": "2.3.1", "asgiref": "~=3.2", "pytest": "<8"},
        ),
        (
            "pyproject.toml",
            (
                '[tool.poetry.dependencies]\npython = "^3.10"\nchannels = "^2.4.0"\n'
                'starlette = "^0.36.1"\nfastapi = {version = "~0.88", extras = ["all"]}\n'
                'django = ">=4.2,<5"\nasgiref = "3.7.2"\n'
                '[tool.poetry.group.dev.dependencies]\npytest = "^8"\n'
            ),
            {
                "python": "3.10",
                "channels": "<3",
                "starlette": "<0.37",
                "fastapi": "<0.89",
                "django": ">=4.2,<5",
                "asgiref": "3.7.2",
                "pytest": "<9",
            },
        ),
        (
            "setup.py",
            "setup(install_requires=['channels>=2,<3', \"django\", 'my-channels==1'])\n",
            {"channels": ">=2,<3"},
        ),
        (
            "setup.cfg",
            "[options]\ninstall_requires =\n    channels[x]==3.0.5\n",
            {"channels": "3.0.5"},
        ),
        (
            "environment.yml",
            "dependencies:\n  - python=3.10\n  - channels=2.4.0\n  - pip:\n    - fastapi==0.1\n",
            {"channels": "2.4.0", "fastapi": "0.1"},
        ),
        (
            "pyproject.toml",
            '[project]\nrequires-python = ">=3.10"\ndependencies = ["starlette==1.0.0", "x"]\n',
            {"python": "3.10", "starlette": "1.0.0"},
        ),
        (
            "poetry.lock",
            (
                '[[package]]\nname = "channels"\ndescription = ""\nversion = "3.0.5"\r\n\n'
                '[package.dependencies]\nname = "fastapi"\nversion = "1"\n\n'
                '[[package]]\nname = "asgiref"\n\n[[package]]\nname = "x"\nversion = "1"\n\n'
                '[metadata]\nname = "starlette"\nversion = "1"\n'
            ),
            {"channels": "3.0.5"},
        ),
        ("uv.lock", "not = [toml", {}),
        ("pyproject.toml", "project = 1\n", {}),
        ("requirements.txt", "", {}),
    ],
)
def test_versions_of_a_folder(
    tmp_path: Path, name: str, text: str, versions: dict[str, str]
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert library_versions(str(tmp_path), str(tmp_path)) == versions


def test_the_nearest_file_wins_and_nothing_above_the_top_counts(tmp_path: Path) -> None:
    inner = tmp_path / "top" / "backend"
    inner.mkdir(parents=True)
    (inner / "requirements.txt").write_text("channels==4.3.2\n", encoding="utf-8")
    (tmp_path / "top" / "requirements.txt").write_text("channels==3.0.5\nstarlette==1.0.0\n")
    (tmp_path / "requirements.txt").write_text("fastapi==0.100.0\n", encoding="utf-8")
    found = library_versions(str(inner), str(tmp_path / "top"))
    assert found == {"channels": "4.3.2", "starlette": "1.0.0"}


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("4.1.0", (4, 1, 0)),
        ("4.2rc1", (4, 2)),
        ("", (9999,)),
        ("main", (9999,)),
        ("==4.*", (4, 9999)),
        ("~=4.1.0", (4, 1, 9999)),
        ("~=4.1", (4, 9999)),
        ("<4.2", (4, 1, 9999)),
        ("<4.0", (3, 9999)),
        ("<=4.1,>=3", (4, 1)),
        (">=4,<5,<4.2", (4, 1, 9999)),
        (">=4.1,!=4.2", (9999,)),
    ],
)
def test_release(version: str, numbers: tuple[int, ...]) -> None:
    assert release(version) == numbers


def test_release_of_thousands_of_digits() -> None:
    assert release("9" * 5000) > release("9")
