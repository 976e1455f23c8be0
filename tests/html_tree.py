"""A page taken apart by the standard library's parser, strictly."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "input", "br", "wbr"}


class Element:
    """A node of the page: its tag, attributes, children and text."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: Element | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.inside: list[Element | str] = []

    @property
    def text(self) -> str:
        return "".join(one if isinstance(one, str) else one.text for one in self.inside)

    def all(self, tag: str = "", of: str = "") -> list[Element]:
        """Every element below of that tag and class, in order."""
        found = []
        for one in self.inside:
            if isinstance(one, Element):
                if tag in ("", one.tag) and (
                    not of or of in one.attributes.get("class", "").split()
                ):
                    found.append(one)
                found += one.all(tag, of)
        return found

    def one(self, tag: str = "", of: str = "") -> Element:
        found = self.all(tag, of)
        assert len(found) == 1, f"{tag}.{of}: {len(found)}"
        return found[0]

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    def hidden(self) -> bool:
        return "hidden" in self.attributes or (self.parent is not None and self.parent.hidden())


class Tree(HTMLParser):
    """Strict: an element that is not closed where it should be is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.root = self.at = Element("", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"an attribute of {tag} twice: {names}"
        made = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.inside.append(made)
        if tag not in VOID:
            self.at = made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.at.tag == tag, f"</{tag}> where <{self.at.tag}> is open"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.inside.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data[:80]}")


def parsed(markup: str) -> Element:
    tree = Tree()
    tree.feed(markup)
    tree.close()
    assert tree.at is tree.root, f"<{tree.at.tag}> is never closed"
    return tree.root
