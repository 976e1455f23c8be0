"""`probe` for people: what stands on a screen of 80 columns, and that folding loses nothing."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from storekeeper.report import probes
from storekeeper.report.table import columns, folded
from tests import pki, servers
from tests.probing import ASKING, MADE, look


def test_a_screen_of_80_columns() -> None:
    with servers.apache(ASKING) as running:
        found = look(running.port, http=True, every_cipher=True)
    wide, narrow = probes.text(found), probes.text(found, width=80)
    assert max(map(columns, narrow.splitlines())) <= 80
    assert re.sub(r"\s", "", narrow) == re.sub(r"\s", "", wide)
    lines = wide.splitlines()
    said = "alert       certificate_required (116): no client certificate came, and the server"
    assert said in wide
    assert "              TLSv1.2: yes, ECDHE, x25519, 253 bits, the client's order" in lines
    assert "                TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" in lines
    assert "              SSLv3: no, alert handshake_failure (40)" in lines
    assert probes.json(found)["members"][0]["key_proved"] is True
    assert probes.json(found)["offers"][1]["key_exchange"] == {
        "kind": "ECDHE", "group": "x25519", "bits": 253,
    }  # fmt: skip


def test_the_names_beyond_ten_are_counted() -> None:
    many = tuple(pki.certificate(f"CA {number}") for number in range(12))
    with servers.openssl(MADE.but(authorities=many, client="optional")) as running:
        found = look(running.port, weak=False, no_name=False)
    assert "and 2 more; --all-names shows them" in probes.text(found)
    assert "CN=CA 11" not in probes.text(found)
    assert "CN=CA 11" in probes.text(found, all_names=True)


@given(st.text("ab :中", max_size=300), st.integers(20, 100), st.integers(0, 16))
def test_folding_loses_nothing_but_spaces(line: str, width: int, indent: int) -> None:
    found = folded(line, width, indent)
    assert "".join(found).replace(" ", "") == line.replace(" ", "")
    assert all(one.startswith(" " * indent) for one in found[1:])
    for one in found:
        # What has neither a space nor a colon to break at stays whole.
        assert columns(one) <= width or not re.search("[ :]", one[indent : width // 2].lstrip())


@given(st.lists(st.text("abc,", min_size=1, max_size=12), max_size=60), st.integers(30, 100))
def test_words_that_fit_are_folded_to_the_width(words: list[str], width: int) -> None:
    line = "  label       " + " ".join(words)
    assert all(columns(one) <= width for one in folded(line, width, 14))


def test_every_field_of_the_json_is_documented() -> None:
    """All of a probe with everything in it, name by name, in docs/json.md."""
    with servers.openssl(ASKING.but(client="optional")) as running:
        found = probes.json(look(running.port, every_cipher=True))
    page = (Path(__file__).parent.parent / "docs" / "json.md").read_text(encoding="utf-8")
    section = page.partition("## storekeeper.probe/1")[2].partition("\n## ")[0]
    request = found["members"][0]["request"]
    fields = {*found, *found["members"][0], *found["offers"][0], *request, "name", "der"}
    told = set(re.findall(r"`(?:[a-z_]+(?:\[\])?\.)?([a-z_]+)(?:\[\])?`", section))
    assert fields - {"schema"} <= told
