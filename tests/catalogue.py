"""Every text of the interface, collected from the sources: what a translator would be given.

Texts are their own keys, as with GNU gettext. Those of Python and templates go through Django,
those of the page's modules through static/js/helpers/i18n.js.
"""

import ast
import json
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent

_PYTHON_CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
_STRING = r"(\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
_TEMPLATE_CALL = re.compile(rf"\b(?:n?gettext|_)\(\s*u?{_STRING}(?:\s*,\s*u?{_STRING})?", re.DOTALL)
_MODULE_CALL = re.compile(r"(?<![\w.#])n?gettext\(")
_MODULE_TEXT = re.compile(rf"n?gettext\(\s*{_STRING}(?:,\s*{_STRING})?\s*[,)]")


@dataclass(frozen=True, order=True)
class Text:
    """`plural`: its form for many, if it counts something."""

    singular: str
    plural: str = ""


class NotLiteralError(Exception):
    """A call whose text is not there to be read."""


def of_python() -> set[Text]:
    return {
        text
        for folder in ("chat", "chatroom")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for text in _in_python(ast.parse(path.read_text()), path)
    }


def of_templates() -> set[Text]:
    texts = set()
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for found in _TEMPLATE_CALL.finditer(templatize(path.read_text(), origin=str(path))):
            texts.add(Text(*(ast.literal_eval(part) for part in found.groups() if part)))
    return texts


def of_modules() -> set[Text]:
    texts = set()
    for path in sorted((ROOT / "static" / "js").rglob("*.js")):
        if path.name == "i18n.js":
            continue
        source = re.sub(r"^\s*(?://|/?\*).*$", "", path.read_text(), flags=re.MULTILINE)
        for call in _MODULE_CALL.finditer(source):
            found = _MODULE_TEXT.match(source, call.start())
            if not found:
                line = source[call.start() :].splitlines()[0]
                raise NotLiteralError(f"{path.relative_to(ROOT)}: {line}")
            texts.add(Text(*(json.loads(part) for part in found.groups() if part)))
    return texts


def _in_python(tree: ast.AST, path: Path) -> Iterator[Text]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in _PYTHON_CALLS:
            continue
        parts = node.args[: 2 if name.startswith("n") else 1]
        texts = [part.value for part in parts if isinstance(part, ast.Constant)]
        if len(texts) < len(parts) or not texts:
            raise NotLiteralError(f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}")
        yield Text(*map(str, texts))


def write_mo(path: Path, translations: dict[Text, tuple[str, ...]]) -> None:
    """Compile for GNU gettext: what `msgfmt` would write."""
    header = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
    entries = {b"": header.encode()}
    for text, forms in translations.items():
        key = "\0".join(filter(None, (text.singular, text.plural)))
        entries[key.encode()] = "\0".join(forms).encode()
    keys = sorted(entries)
    start = 28 + 16 * len(keys)
    originals, translated, strings = b"", b"", b""
    for table in (keys, [entries[key] for key in keys]):
        offsets = b""
        for item in table:
            offsets += struct.pack("<II", len(item), start + len(strings))
            strings += item + b"\0"
        originals, translated = (translated, offsets)
    head = struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, start)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + originals + translated + strings)


def write_page(path: Path, translations: dict[Text, tuple[str, ...]]) -> None:
    """For the modules: a text, or the two forms of one that counts."""
    page = {
        text.singular: list(forms) if text.plural else forms[0]
        for text, forms in translations.items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(page, ensure_ascii=False))
