"""The house law, as far as a machine can read it; each check has a twin that shows it can fail."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from webapp.config import Settings

TOP = Path(__file__).parent.parent
ROOMS = ("matcher", "webapp", "tests", "seed_data")
MOST_LINES, LONGEST_FUNCTION, LONGEST_CLASS, MOST_ARGUMENTS = 400, 50, 150, 4
DRAWERS = {"util", "utils", "helper", "helpers", "common", "misc", "base", "manager", "managers"}
GENERATED = "webapp/migrations/versions/"


def tracked(*endings: str) -> list[Path]:
    """The project's own files with one of these endings."""
    here = [path for path in map(TOP.joinpath, listed()) if path.name.endswith(endings)]
    return [path for path in here if path.is_file()]


def listed() -> list[str]:
    """All names that belong to the project: git's where it is a checkout, else all but what is made here."""
    git = shutil.which("git")
    if git is None or not (TOP / ".git").exists():
        made = {
            ".venv",
            "rondo-data",
            "rondo-bench",
            "__pycache__",
            ".hypothesis",
            ".mypy_cache",
            ".ruff_cache",
            ".pytest_cache",
        }
        paths = (path.relative_to(TOP) for path in TOP.rglob("*"))
        return [path.as_posix() for path in paths if not made & set(path.parts)]
    command = [git, "ls-files", "--cached", "--others", "--exclude-standard"]
    return subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=True).stdout.split("\n")


SOURCES = [path for path in tracked(".py") if GENERATED not in path.as_posix()]
TEMPLATES = tracked(".html")


def named(path: Path) -> str:
    """How a failure names a file."""
    return path.relative_to(TOP).as_posix()


# --- sizes -------------------------------------------------------------------------------------------------------


def oversized(source: str, *, tests: bool = False) -> Iterator[str]:
    """What is too large in a module's text; tests are handed their fixtures by position."""
    if source.count("\n") > MOST_LINES:
        yield f"{source.count(chr(10))} lines"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and _lines(node) > LONGEST_CLASS:
            yield f"class {node.name}: {_lines(node)} lines"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if _lines(node) > LONGEST_FUNCTION:
                yield f"{node.name}: {_lines(node)} lines"
            positional = [a.arg for a in (*node.args.posonlyargs, *node.args.args) if a.arg not in {"self", "cls"}]
            if len(positional) > MOST_ARGUMENTS and not tests:
                yield f"{node.name}: {len(positional)} positional arguments"


def _lines(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_nothing_is_too_large(path: Path) -> None:
    assert not list(oversized(path.read_text(encoding="utf-8"), tests="tests" in path.parts))


def test_too_large_is_noticed() -> None:
    long_function = "def f():\n" + "    x = 1\n" * 60
    assert any("f:" in found for found in oversized(long_function))
    assert any("lines" in found for found in oversized("x = 1\n" * 401))
    assert any("positional" in found for found in oversized("def f(a, b, c, d, e): pass"))


# --- names and places --------------------------------------------------------------------------------------------


def test_no_drawers() -> None:
    assert not [named(path) for path in SOURCES if path.stem in DRAWERS and "templates" not in path.parts]


def test_top_level_is_the_agreed_one() -> None:
    allowed = {*ROOMS, "pyproject.toml", "README.md", "LICENSE", "SECURITY.md", "Makefile"}
    listed = {path.relative_to(TOP).parts[0] for path in tracked("")}
    assert {name for name in listed if not name.startswith(".")} <= allowed


def imports_of(source: str) -> set[str]:
    """All dotted names a module imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


OPTIMISERS = ("scipy.optimize", "scipy.sparse.csgraph")


def test_one_door_to_the_optimisers() -> None:
    users = {
        named(path)
        for path in SOURCES
        if path.is_relative_to(TOP / "matcher") or path.is_relative_to(TOP / "webapp")
        if any(name.startswith(OPTIMISERS) for name in imports_of(path.read_text(encoding="utf-8")))
    }
    assert users == {"matcher/solver.py"}


def test_a_second_door_would_be_noticed() -> None:
    assert any(n.startswith(OPTIMISERS) for n in imports_of("def f():\n    from scipy.optimize import milp\n"))
    assert any(n.startswith(OPTIMISERS) for n in imports_of("from scipy import optimize"))


def committing(source: str) -> bool:
    """Whether a module calls `.commit()` on anything."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return any(isinstance(call.func, ast.Attribute) and call.func.attr == "commit" for call in calls)


def test_one_place_commits() -> None:
    rooms = [path for path in SOURCES if path.is_relative_to(TOP / "webapp")]
    assert [named(path) for path in rooms if committing(path.read_text(encoding="utf-8"))] == [
        "webapp/db.py",
        "webapp/migrations/env.py",
    ]
    assert committing("db.session.commit()")


def undocumented(source: str) -> Iterator[str]:
    """Public functions, classes and the module itself without a docstring."""
    tree = ast.parse(source)
    if tree.body and not ast.get_docstring(tree):
        yield "the module"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            if not ast.get_docstring(node):
                yield node.name
            inner = node.body if isinstance(node, ast.ClassDef) else []
            for part in inner:
                public = isinstance(part, ast.FunctionDef) and not part.name.startswith("_")
                if public and not ast.get_docstring(part):
                    yield f"{node.name}.{part.name}"


@pytest.mark.parametrize("room", ["matcher", "webapp"])
def test_public_names_say_what_they_are(room: str) -> None:
    paths = [path for path in SOURCES if path.is_relative_to(TOP / room)]
    missing = [f"{named(p)}: {name}" for p in paths for name in undocumented(p.read_text(encoding="utf-8"))]
    assert not missing
    assert list(undocumented('"""m"""\ndef f(): pass\nclass C:\n    """c"""\n    def g(self): pass')) == ["f", "C.g"]


# --- pages -------------------------------------------------------------------------------------------------------

PHYSICAL = re.compile(
    r"(?:^|[;{\s-])(?:(?:margin|padding|border)-(?:left|right|top|bottom)|(?:left|right)\s*:|"
    r"border-(?:top|bottom)-(?:left|right)-radius|(?:text-align|float|clear|justify-\w+|caption-side)\s*:\s*(?:left|right))"
)
FOUR_SIDES = re.compile(r"(?:margin|padding|inset|border-width)\s*:\s*([^;}]+)")


def physical(style: str) -> list[str]:
    """What a style says of left and right, by name or as four sides of which these two differ."""
    four = [
        found.group() for found in FOUR_SIDES.finditer(style) if _uneven(re.sub(r"\([^)]*\)", "()", found[1]).split())
    ]
    return [*(found.group() for found in PHYSICAL.finditer(style)), *four]


def _uneven(sides: list[str]) -> bool:
    return len(sides) == 4 and sides[1] != sides[3]


def test_style_knows_no_left_and_right() -> None:
    for path in tracked(".css"):
        assert not physical(path.read_text(encoding="utf-8")), named(path)


@pytest.mark.parametrize("style", [
    "a { margin-left: 1px }", "a { text-align: right }", "a {\n  left: 0;\n}", "a{float:left}", "a { clear: right }",
    "a { border-top-left-radius: 4px }", "a { justify-content: left }", "a { margin: 0 1px 0 2px }",
])  # fmt: skip
def test_left_and_right_in_a_style_would_be_noticed(style: str) -> None:
    assert physical(style)
    assert not physical("a { margin: 0 1px 2px; padding: 0 1px 0 1px; inset-inline: 0; text-align: start }")


SIDES = re.compile(r"\b(?:left|right)\b")
NO_SIDE = re.compile(
    r'//[^\n]*|"[^"\n]*"|top \+ left|[\w.-]*[.-](?:left|right)\b|\b(?:left|right)-\w+|[^\n]*\brtl\b[^\n]*'
)


def sided(template: str) -> list[str]:
    """What paper says of left and right, but for the corner it is measured from and what asks which way it runs."""
    return SIDES.findall(NO_SIDE.sub(" ", template))


def test_paper_knows_no_left_and_right() -> None:
    for path in tracked(".typ"):
        assert not sided(path.read_text(encoding="utf-8")), named(path)
    assert sided("#align(right, x)")
    assert sided("pad(left: 4mm, x)")
    assert not sided("place(top + left, dx: 1mm, x) // on the left\n#data.left\npad(left: if rtl { a } else { b })")


LITERAL = re.compile(r"""(["'`])((?:(?!\1)[^\\\n]|\\.)*)\1""")
SENTENCE = re.compile(r"[A-Z][a-z]+ [a-z]{2,}|[^\x00-\x7f]")


def spoken(script: str) -> list[str]:
    """Sentences in the strings of a script: words come to a script on the page, where they were translated."""
    bare = re.sub(r"/\*.*?\*/|(?m:^\s*//.*$)", " ", script, flags=re.DOTALL)
    return [found[2] for found in LITERAL.finditer(bare) if SENTENCE.search(found[2])]


def test_scripts_say_nothing_of_their_own() -> None:
    scripts = [path for path in tracked(".js") if "min" not in path.suffixes[0]]
    assert scripts
    for path in scripts:
        assert not spoken(path.read_text(encoding="utf-8")), named(path)
    assert spoken('button.textContent = "Try again";')
    assert spoken("say('نعم')")
    assert not spoken("document.querySelector('main .code') // Try again")


INLINE = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=\"|javascript:", re.IGNORECASE)
FOREIGN = re.compile(r"(?:src|href|action)=\"(?:https?:)?//", re.IGNORECASE)


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_templates_hold_no_inline_style_or_script_and_load_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not INLINE.findall(text)
    assert not FOREIGN.findall(text)
    assert "|safe" not in text.replace(" ", "")


def test_inline_and_foreign_would_be_noticed() -> None:
    assert INLINE.search('<p style="color:red">')
    assert INLINE.search("<script>alert(1)</script>")
    assert INLINE.search('<a onclick="x()">')
    assert not INLINE.search('<script src="/a.js" defer></script>')
    assert FOREIGN.search('<img src="https://example.org/a.png">')


def untranslated(template: str) -> list[str]:
    """Words in a template's text, or in attributes that are read aloud, that do not go through translation."""
    text = re.sub(r"\{#.*?#\}", " ", template, flags=re.DOTALL)
    text = re.sub(r"\{% ?(?:trans|pluralize).*?%\}.*?\{% ?endtrans ?%\}", " ", text, flags=re.DOTALL)
    text = re.sub(r"\{% block room %\}.*?\{% endblock %\}", " ", text)
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", text, flags=re.DOTALL)
    spoken = re.findall(r"\s(?:alt|title|placeholder|aria-label)=\"([^\"]*)\"", text)
    text = re.sub(r"<(?:code|script|kbd)\b.*?</(?:code|script|kbd)>", " ", text, flags=re.DOTALL)
    bare = re.sub(r"<[^>]*>", "\n", text, flags=re.DOTALL)
    words = [word for piece in [*bare.split("\n"), *spoken] for word in re.findall(r"[^\W\d_]{2,}", piece)]
    return [word for word in words if word not in NEED_NO_TRANSLATION]


NEED_NO_TRANSLATION = {"Rondo", "nbsp", "rarr", "larr", "middot", "times", "UTC", "PDF", "ICS"}


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_every_word_on_a_page_is_translatable(path: Path) -> None:
    assert not untranslated(path.read_text(encoding="utf-8"))


def test_an_untranslated_word_would_be_noticed() -> None:
    assert untranslated("<p>Hello {{ name }}</p>") == ["Hello"]
    assert untranslated('<img alt="A picture">') == ["picture"]
    assert not untranslated('<p class="lead">{{ _("Hello") }}</p>')


# --- what users read ---------------------------------------------------------------------------------------------


def test_readme_names_every_setting() -> None:
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    hidden = {"testing"}
    assert not [
        f"RONDO_{n.upper()}" for n in Settings.model_fields if n not in hidden and f"RONDO_{n.upper()}" not in readme
    ]


def test_readme_names_every_command() -> None:
    from webapp.cli import main

    readme = (TOP / "README.md").read_text(encoding="utf-8")
    context = main.make_context("rondo", [], resilient_parsing=True)
    commands = {name: main.get_command(context, name) for name in main.list_commands(context)}
    shown = [name for name, command in commands.items() if command is not None and not command.hidden]
    assert {"match", "check", "demo", "serve", "plan", "publish", "sheets", "staff"} <= set(shown)
    assert not [name for name in shown if f"rondo {name}" not in readme]


def test_readme_links_lead_somewhere() -> None:
    for readme in tracked(".md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", readme.read_text(encoding="utf-8")):
            assert (readme.parent / target).exists(), f"{named(readme)} points at {target}"


OPEN_ENDS = re.compile(
    r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|NotImplemented" + r"Error|pytest\.sk" + r"ip|mark\.(?:sk" + r"ip|xfail))\b"
)


def open_ends(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Files in which something was left for later."""
    return [name for name, text in texts if OPEN_ENDS.search(text)]


def test_nothing_is_left_open() -> None:
    files = [*tracked(".py", ".html", ".typ"), TOP / "Makefile"]
    assert not open_ends((named(path), path.read_text(encoding="utf-8")) for path in files)
    assert open_ends([("a", "# " + "TO" + "DO later")]) == ["a"]
