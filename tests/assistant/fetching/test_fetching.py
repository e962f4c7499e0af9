"""Fetching papers from services: loopback servers answer, and no other request is made."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_fixture import Quire
from service_fixture import Reply, service
from tables import Row, for_each, table

from assistant.errors import WrongUse
from assistant.fetching.addresses import Base, Forbidden, checked_base, destination
from assistant.fetching.fetch import SERVICES, Fetching
from assistant.fetching.http import Asking, Http, Unanswered
from assistant.fetching.references import Reference, is_reference, reference_of
from store.readers.options import NO_OPTIONS
from store.types import Record, Rejection


def work(doi: str, title: str, abstract: str = "") -> bytes:
    """A record of Crossref, as its REST API documents it."""
    message = {
        "DOI": doi,
        "title": [title],
        "author": [{"given": "Lia", "family": "Moreau", "sequence": "first"}],
        "issued": {"date-parts": [[2021, 5]]},
        "container-title": ["Coral Science"],
        "type": "journal-article",
        **({"abstract": f"<jats:p>{abstract}</jats:p>"} if abstract else {}),
    }
    return json.dumps({"status": "ok", "message-type": "work", "message": message}).encode()


def test_references() -> None:
    def check(row: Row) -> None:
        assert is_reference(row["text"]) is not row.get("is_path", False)
        if row.get("is_path"):
            return
        found = reference_of(row["text"])
        if "why" in row:
            assert isinstance(found, str)
            assert row["why"] in found
        else:
            assert isinstance(found, Reference)
            assert found.name == row["name"]

    for_each(table(__file__, "references.jsonl"), check)


Fetched = Callable[..., list[Record | Rejection]]


def fetched(url: str, *named: str, contact: str | None = None) -> list[Record | Rejection]:
    waits: list[float] = []
    http = Http(lambda line: None, contact, waits.append)
    fetching = Fetching(dict.fromkeys(SERVICES, url), contact, lambda line: None, http)
    items = fetching.items(named, NO_OPTIONS)
    return [one for one in items if isinstance(one, Record | Rejection)]


def test_a_doi_is_asked_for_at_crossref_then_openalex_then_datacite() -> None:
    words = {"Gravel": [0], "moves": [1], "at": [2], "night.": [3]}
    openalex = {
        "id": "https://openalex.org/W1",
        "title": "Gravel",
        "abstract_inverted_index": words,
    }
    with service(
        {
            "/works/10.5555/a": Reply(work("10.5555/a", "Corals", "Corals lose cover in heat.")),
            "/works/10.5555/b": Reply(work("10.5555/b", "Gravel")),
            "/works/doi:10.5555/b": Reply(json.dumps(openalex).encode()),
            "/works/10.5555/c": Reply(work("10.5555/c", "A letter")),
        }
    ) as one:
        corals, gravel, letter, unknown = fetched(
            one.url, "doi:10.5555/a", "10.5555/b", "https://doi.org/10.5555/c", "doi:10.5555/d"
        )
    assert isinstance(corals, Record)
    assert (corals.source, corals.record, corals.doi) == ("doi:10.5555/a", 1, "10.5555/a")
    assert corals.year == 2021
    assert "Corals lose cover in heat." in corals.abstract
    assert isinstance(gravel, Record)
    assert (gravel.source, gravel.abstract) == ("doi:10.5555/b", "Gravel moves at night.")
    assert isinstance(letter, Rejection)
    assert (letter.source, letter.reason) == ("doi:10.5555/c", "no abstract")
    assert isinstance(unknown, Rejection)
    assert (unknown.source, unknown.reason) == ("doi:10.5555/d", "Crossref does not have it")
    assert one.asked == [
        *("/works/10.5555/a", "/works/10.5555/b", "/works/doi:10.5555/b"),
        *("/works/10.5555/c", "/works/doi:10.5555/c"),
        *("/works/10.5555/d", "/works/doi:10.5555/d", "/dois/10.5555/d"),
    ]
    assert {each["user-agent"] for each in one.headers} == {"quire"}
    assert {each["accept-encoding"] for each in one.headers} == {"identity"}
    assert not any("cookie" in each or "authorization" in each for each in one.headers)


FEED = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom">
<title>arXiv Query</title>
<entry><id>http://arxiv.org/abs/2403.01234v2</id><title>Tides in
  speech</title><published>2024-03-01T09:00:00Z</published><updated>2024-03-05T09:00:00Z</updated>
<summary>Tides change noise.
We adapt to them.</summary><author><name>Lia Moreau</name></author>
<arxiv:primary_category term="cs.CL"/></entry>
<entry><id>http://arxiv.org/abs/2403.05678v3</id><title>Gravel by night</title>
<published>2024-03-02T09:00:00Z</published>
<summary>This paper has been withdrawn by the author due to an error in Eq. 4.</summary>
<author><name>Karl Berg</name></author><arxiv:comment>Withdrawn</arxiv:comment></entry>
</feed>"""
CITATIONS = """<?xml version="1.0"?><PubmedArticleSet>
<PubmedArticle><MedlineCitation><PMID Version="1">101</PMID><Article><Journal><Title>J Owls</Title>
<JournalIssue><PubDate><Year>2020</Year></PubDate></JournalIssue></Journal>
<ArticleTitle>How owls hear.</ArticleTitle><Abstract><AbstractText>Owls hear mice.</AbstractText>
</Abstract><AuthorList><Author><LastName>Tyto</LastName><ForeName>Alba</ForeName></Author>
</AuthorList></Article></MedlineCitation></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID Version="1">102</PMID><Article><Journal><Title>J Owls</Title>
</Journal><ArticleTitle>A letter.</ArticleTitle></Article></MedlineCitation></PubmedArticle>
</PubmedArticleSet>"""


def test_several_ids_are_asked_for_together_and_each_is_accounted_for() -> None:
    """The shapes are those of arXiv's API manual and of NCBI's EFetch."""
    ids = "2403.01234%2C2403.05678%2C2403.99999"
    page = json.dumps({"id": "2403.01234", "title": "Tides", "summary": "Tides change noise."})
    with service(
        {
            f"/api/query?id_list={ids}&max_results=3": Reply(FEED.encode()),
            "/entrez/eutils/efetch.fcgi?db=pubmed&id=101%2C102%2C103&retmode=xml&tool=quire"
            "&email=me%40example.org": Reply(CITATIONS.encode()),
            "/api/papers/2403.01234": Reply(page.encode()),
        }
    ) as one:
        named = ["arxiv:2403.01234v2", "https://arxiv.org/abs/2403.05678", "arxiv:2403.99999"]
        named[0] = "doi:10.48550/arXiv.2403.01234"
        tides, gravel, unknown = fetched(one.url, *named)
        cited = fetched(one.url, "pmid:101", "pmid:102", "pmid:103", contact="me@example.org")
        (daily,) = fetched(one.url, "https://huggingface.co/papers/2403.01234")
        # What is not there comes as an empty feed; what was not asked for is not taken.
        empty = FEED.partition("<entry>")[0] + "</feed>"
        one.answers["/api/query?id_list=2403.77777&max_results=1"] = Reply(empty.encode())
        one.answers["/api/query?id_list=2403.88888&max_results=1"] = Reply(FEED.encode())
        for id in ("2403.77777", "2403.88888"):
            (nothing,) = fetched(one.url, f"arxiv:{id}")
            assert (nothing.source, nothing.reason) == (
                f"arxiv:{id}",
                "the service does not have it",
            )
        assert len(one.asked) == 5
    assert isinstance(tides, Record)
    assert (tides.source, tides.title) == ("arxiv:2403.01234", "Tides in speech")
    assert (tides.abstract, tides.details.arxiv_version) == (
        "Tides change noise. We adapt to them.",
        2,
    )
    assert isinstance(gravel, Record)
    assert (gravel.source, gravel.details.retracted) == ("arxiv:2403.05678", True)
    assert (unknown.source, unknown.reason) == ("arxiv:2403.99999", "the service does not have it")
    owls, letter, missing = cited
    assert isinstance(owls, Record)
    assert (owls.source, owls.details.pmid, owls.authors) == ("pmid:101", "101", ("Alba Tyto",))
    assert isinstance(letter, Rejection)
    assert (letter.source, "no abstract" in letter.reason) == ("pmid:102", True)
    assert (missing.source, missing.reason) == ("pmid:103", "the service does not have it")
    assert isinstance(daily, Record)
    assert (daily.source, daily.arxiv_id) == ("huggingface:2403.01234", "2403.01234")


def http(url: str, said: list[str], waits: list[float]) -> Callable[[str], bytes]:
    asking = Asking("Crossref", checked_base(url, "crossref"), 9.0)
    client = Http(said.append, "me@example.org", waits.append)
    return lambda path: client.get(asking, path, "application/json")


def test_what_passes_is_waited_for_and_what_does_not_is_said() -> None:
    said: list[str] = []
    waits: list[float] = []
    busy, later = Reply(status=503), Reply(status=429, headers={"Retry-After": "7"})
    with service(
        {
            "/busy": [busy, later, Reply(b"1")],
            "/down": busy,
            "/hour": Reply(status=429, headers={"Retry-After": "3600"}),
            "/cut": [Reply(b"half", cut=4), Reply(b"whole")],
            "/dropped": Reply(drop=True),
            "/no": Reply(status=403),
            "/zip": Reply(b"x", headers={"Content-Encoding": "gzip"}),
            "/moved": Reply(status=302, headers={"Location": "/busy"}),
            "/circle": Reply(status=302, headers={"Location": "/circle"}),
            "/inside": Reply(status=302, headers={"Location": "http://169.254.1.1/"}),
            "/inside2": Reply(status=302, headers={"Location": "https://127.0.0.1:1/"}),
            "/inside3": Reply(status=302, headers={"Location": "https://[::ffff:10.0.0.1]/"}),
            "/file": Reply(status=302, headers={"Location": "file:///etc/hostname"}),
        }
    ) as one:
        get = http(one.url, said, waits)
        assert (get("/busy"), waits) == (b"1", [1.0, 7.0])
        assert said[0] == "Crossref cannot answer now (503); asked again in 1 s"
        assert (get("/cut"), get("/moved")) == (b"whole", b"1")
        for path, why in (
            ("/down", "Crossref cannot answer now (503)"),
            ("/hour", "Crossref cannot answer now (429); it asks to wait 3600 s"),
            ("/dropped", "Crossref: the answer was cut short"),
            ("/no", "Crossref refused it (403)"),
            ("/zip", "Crossref sent it compressed, though it was asked not to"),
            ("/circle", "Crossref redirects in circles"),
            ("/inside", "Crossref leads to 169.254.1.1 by plain http: not asked"),
            ("/inside2", "Crossref leads to 127.0.0.1, which is no public address: not asked"),
            ("/inside3", "which is no public address: not asked"),
            ("/file", "neither http nor https: not asked"),
            ("/nothing", "Crossref does not have it"),
        ):
            with pytest.raises(Unanswered) as caught:
                get(path)
            assert why in caught.value.reason
        assert {each["user-agent"] for each in one.headers} == {"quire (mailto:me@example.org)"}


def test_no_request_goes_to_what_is_not_public(monkeypatch: pytest.MonkeyPatch) -> None:
    base = Base("https://api.crossref.org", is_own=False)
    for address in ("10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fd00::1", "100.64.0.1"):
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, found=found, **__: found)
        with pytest.raises(Forbidden, match="no public address"):
            destination("https://api.crossref.org/works", base, by_proxy=False)
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    to = destination("https://api.crossref.org/works", base, by_proxy=False)
    assert (to.host, to.ip) == ("api.crossref.org", "93.184.216.34")
    with pytest.raises(Forbidden, match="plain http"):
        destination("http://api.crossref.org/works", base, by_proxy=False)
    with pytest.raises(Forbidden, match="no public address"):
        destination("https://192.168.0.1/", base, by_proxy=True)
    with pytest.raises(WrongUse, match=r"services\.arxiv: "):
        checked_base("ftp://x", "arxiv")


def test_services_are_asked_at_their_pace() -> None:
    waits: list[float] = []
    times = iter([0.0, 0.0, 1.0, 1.0, 1.0, 5.0, 5.0, 5.0])
    client = Http(lambda line: None, None, waits.append, lambda: next(times))
    asking = Asking("arXiv", Base("https://export.arxiv.org", is_own=False), 3.0)
    client._keep_distance(asking)
    client._keep_distance(asking)
    assert waits == [3.0]


def test_the_command_fetches_and_says_what_did_not_come(quire: Quire, tmp_path: Path) -> None:
    corals = Reply(work("10.5555/a", "Corals", "Corals lose cover in heat."))
    with service({"/works/10.5555/a": corals, "/works/10.5555/down": Reply(status=500)}) as one:
        config = tmp_path / "config.toml"
        names = ("crossref", "openalex", "datacite")
        lines = [f'{name} = "{one.url}"' for name in names]
        config.write_text("\n".join(["[services]", *lines]))
        asked = ("--config", str(config), "add")
        ran = quire(*asked, "doi:10.5555/a", "doi:10.5555/no", "--json")
        assert (ran.code, ran.json["new"]) == (1, 1)
        assert ran.json["rejections"][0]["source"] == "doi:10.5555/no"
        assert quire(*asked, "doi:10.5555/a", "--json").json["same"] == 1
        ran = quire(*asked, "https://example.org/x")
        assert (ran.code, "does not ask" in ran.err) == (2, True)
    ran = quire("show", "10.5555/a", "--json")
    assert ran.json[0]["provenance"][0]["source"] == "doi:10.5555/a"
    ran = quire(*asked, "doi:10.5555/a")
    assert (ran.code, "Connection refused".lower() in ran.err) == (4, True)


def test_a_dry_run_shows_what_is_asked_and_asks_nothing(quire: Quire, tmp_path: Path) -> None:
    config = tmp_path / "services.toml"
    named = ("arxiv:2101.00001", "doi:10.1234/x", "pmid:12345", "hf:2101.00002")
    with service({}) as running:
        bases = "\n".join(f'{name} = "{running.url}"' for name in SERVICES)
        config.write_text(f'[services]\ncontact = "me@example.org"\n{bases}\n')
        asked = ("--config", str(config), "add", *named)
        shown = quire(*asked, "--dry-run", "--json")
        assert (shown.code, running.asked) == (0, [])
        requests = shown.json["requests"]
        plain = quire(*asked, "--dry-run").out
        assert quire(*asked).code == 4 or running.asked
        assert [one["url"].removeprefix(running.url) for one in requests] == running.asked
        assert [one["headers"] for one in requests] == running.headers
        assert all(one["url"] in plain for one in requests)
    assert quire("add", "arxiv:nonsense", "--dry-run").code == 2
