"""The page itself, and the code and documents that labs lead to."""

import re
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from markdown_it import MarkdownIt

from .laboratory import PEOPLE, laboratory

ROOT = Path(__file__).resolve().parent.parent.parent
# What may be read here: the sources. Never .env, or what a tool left behind.
SOURCES = re.compile(
    r"(?:chat|chatroom|lab|docs|static|templates|tests|deploy|terraform)/(?:[\w-]+/)*"
    r"[\w-]+\.(?:py|js|css|html|md|yml|yaml|tf|toml)"
)


@require_GET
async def index(request: HttpRequest) -> HttpResponse:
    """The page; with it Ada's and Bob's cookies, which the frames' nodes know, each its own."""
    lab = laboratory()
    origins = lab.front_origins(request.get_host())
    people = [
        {"name": name, "lane": name.lower(), "node": f"node {at}", "origin": origin}
        for at, (name, origin) in enumerate(zip(PEOPLE, origins, strict=True), 1)
    ]
    context = {
        "token": lab.token,
        "started": lab.started,
        "people": people,
        "faults": lab.faults(),
    }
    response = render(request, "lab/index.html", context)
    for one in lab.people:
        response.set_cookie(one.cookie_name, one.cookie_value, httponly=True, samesite="Lax")
    return response


@require_GET
async def code(request: HttpRequest, name: str) -> HttpResponse:
    """A file of this checkout. `#L12` shows a line of it."""
    path = ROOT / name
    if not SOURCES.fullmatch(name) or not path.is_file() or path.is_symlink():
        raise Http404(f"There is no {name} to read here.")
    text = path.read_text("utf-8")
    context = {"name": name, "lines": text.splitlines(), "document": ""}
    if path.suffix == ".md":
        context["document"] = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return render(request, "lab/code.html", context)
