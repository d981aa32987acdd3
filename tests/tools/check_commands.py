# SPDX-License-Identifier: BSD-3-Clause
"""Finds commands, options, files and links that documents and help texts name but do not exist.

The programs are asked themselves: a subcommand exists when `weir SUBCOMMAND --help` ends well, and an
option exists when that help names it. Exit code 1 and one line a finding, or 77 when the programs
are not built.
"""

import functools
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ["weir", "weirctl"]
BUILD_FOLDERS = ["build-test", "build", "build-clang"]

FENCE = re.compile(r"^\s*```")
CODE_SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
TREE_PATH = re.compile(r"^(?:\./)?((?:app|config|docs|lib|scripts|tests)/[\w./-]*)$")
COMMAND = re.compile(
    r"(?:^|[\s(\"'|;&])(?:sudo\s+)?(?:[\w./-]*/)?(?P<program>weir|weirctl)(?P<rest>(?:\s[^|;&#>)`]*)?)$"
    r"|^(?:\$\s+)?(?:sudo\s+)?(?:\./)?scripts/(?P<script>[\w-]+)(?P<script_rest>(?:\s[^|;&#>)]*)?)"
)
SUBCOMMAND = re.compile(r"^[a-z][a-z-]*$")
OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]+|-[a-zA-Z])\b")


def find_program(name):
    folders = [os.environ.get("WEIR_BUILD", "")] + [str(ROOT / name) for name in BUILD_FOLDERS]
    for folder in filter(None, folders):
        path = pathlib.Path(folder) / "app" / name / name
        if path.is_file():
            return path
    return None


@functools.lru_cache(maxsize=None)
def help_text(program, subcommand):
    """The help of a program or of one of its subcommands; None when it has no such subcommand."""
    path = find_program(program) if program in PROGRAMS else ROOT / "scripts" / program
    command = [str(path), *([subcommand] if subcommand else []), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    return done.stdout + done.stderr if done.returncode == 0 else None


def check_call(program, rest):
    """Yields what is wrong with one command line, given what follows the program's name."""
    words = rest.split()
    subcommand = ""
    if program in PROGRAMS:
        before = [word for word in words if not word.startswith("-")]
        if before and SUBCOMMAND.match(before[0]):
            subcommand = before[0]
    text = help_text(program, subcommand)
    if text is None:
        yield f'"{program} {subcommand}": no such command'
        return
    if subcommand:
        text += help_text(program, "") or ""
    for option in OPTION.findall(rest):
        if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text):
            yield f'"{program} {subcommand}{" " if subcommand else ""}{option}": no such option'


def check_code(code):
    """Yields what is wrong in one piece of code of a document: a span, or a line of a block."""
    path = TREE_PATH.match(code.strip())
    if path and not (ROOT / path.group(1)).exists():
        yield f'"{path.group(1)}": no such file'
    for piece in re.split(r"[|;&>]|\s#\s", code):
        match = COMMAND.search(piece.strip())
        if not match:
            continue
        if match.group("script"):
            script = match.group("script")
            if not (ROOT / "scripts" / script).exists():
                yield f'"scripts/{script}": no such script'
            else:
                yield from check_call(script, match.group("script_rest") or "")
        else:
            yield from check_call(match.group("program"), match.group("rest") or "")


def is_command_line(line):
    """In a block of code: a line that somebody types, not one that a program printed."""
    text = line.strip()
    if re.match(r"^[$#]\s", text):
        return True
    match = re.match(r"^(?:sudo\s+)?(?:\S*/)?(?:weir|weirctl)\s+(\S+)", text)
    if match:
        return bool(SUBCOMMAND.match(match.group(1)) or match.group(1).startswith("-"))
    return bool(re.match(r"^(?:sudo\s+)?(?:\./)?scripts/[\w-]+", text))


def check_markdown(path):
    in_block = False
    for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
        if FENCE.match(line):
            in_block = not in_block
            continue
        if in_block or line.startswith("    "):
            codes = [re.sub(r"^[$#]\s+", "", line.strip())] if is_command_line(line) else []
        else:
            codes = CODE_SPAN.findall(line)
            for target in LINK.findall(line):
                if "://" not in target and not (ROOT / path).parent.joinpath(target).exists():
                    yield f'{path}:{number}: "{target}": no such file to link to'
        for code in codes:
            for finding in check_code(code):
                yield f"{path}:{number}: {finding}"


def check_comments(path):
    """Comments of the YAML files: what stands in back-quotes."""
    for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
        if "#" in line:
            for code in CODE_SPAN.findall(line.split("#", 1)[1]):
                for finding in check_code(code):
                    yield f"{path}:{number}: {finding}"


def subcommands(program):
    """The names in the first column of a program's help that are subcommands of it."""
    names = re.findall(r"^\s{1,4}([a-z][a-z-]*)\s", help_text(program, "") or "", re.MULTILINE)
    return [name for name in dict.fromkeys(names) if help_text(program, name) is not None]


def check_help():
    """Commands that the help texts themselves name: examples and hints on lines of their own."""
    for program in PROGRAMS:
        for subcommand in ["", *subcommands(program)]:
            where = f"{program} {subcommand}".strip() + " --help"
            for line in (help_text(program, subcommand) or "").splitlines():
                example = line.startswith(("usage:", "  "))  # at the margin stands prose
                line = line.removeprefix("usage:").strip()
                if example and is_command_line(line):
                    for finding in check_code(re.split(r"\s{2,}", line)[0]):
                        yield f"{where}: {finding}"


def main():
    missing = [name for name in PROGRAMS if not find_program(name)]
    if missing:
        print(f"{' and '.join(missing)} not built; scripts/test --quick builds them")
        return 77
    findings = list(check_help())
    documents = [path for path in sys.argv[1:] if path.endswith(".md")]
    examples = [path for path in sys.argv[1:] if path.endswith((".yaml", ".yml"))]
    for path in documents:
        findings += check_markdown(path)
    for path in examples:
        findings += check_comments(path)
    print("\n".join(findings) or f"{len(documents)} documents, help of {', '.join(PROGRAMS)}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
