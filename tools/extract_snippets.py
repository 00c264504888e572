#!/usr/bin/env python3
"""Makes programs of the code blocks of a Markdown file that a comment names, so that they are tested.

usage: extract_snippets.py README.md OUTPUT_DIR
A block counts when the line before it is <!-- test: NAME --> and it is ```cpp or ```python. A C++
block without a main becomes the body of one, after its own includes and using-lines. Prints the
files, one a line; a file is rewritten only when its text changes.
"""

import pathlib
import re
import sys

BLOCK = re.compile(r"^<!-- test: (\w+) -->\s*\n```(cpp|python)\n(.*?)^```", re.M | re.S)


def cpp_program(code):
    """`code` as a whole program: what is already one stays as it is."""
    if re.search(r"\bint main\(", code):
        return code
    lines = code.splitlines()
    at_top = re.compile(r"\s*(#include\b|using namespace\b|$)")
    top = [line for line in lines if line.strip() and at_top.match(line)]
    body = [line for line in lines if not at_top.match(line)]
    return "\n".join([*top, "int main() {", *body, "}", ""])


def extract(text):
    """Pairs (file name, program text) of the named blocks of `text`."""
    for name, language, code in BLOCK.findall(text):
        yield (f"{name}.cc", cpp_program(code)) if language == "cpp" else (f"{name}.py", code)


def main(markdown, output):
    text = pathlib.Path(markdown).read_text()
    marks = text.count("<!-- test:")
    snippets = list(extract(text))
    if marks != len(snippets):
        sys.exit(f"{markdown}: {marks} comments name a test, {len(snippets)} stand right before "
                 "a ```cpp or ```python block.")
    output = pathlib.Path(output)
    output.mkdir(parents=True, exist_ok=True)
    for name, program in snippets:
        path = output / name
        if not path.exists() or path.read_text() != program:
            path.write_text(program)
        print(path)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
