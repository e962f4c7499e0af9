"""When two records are one paper, and how papers, texts and rows are named and hashed."""

from __future__ import annotations

from tables import Row, compare, table

from store.ledger import identity
from store.ledger.identity import identity_key, row_digest
from store.types import Record


def test_names_hashes_and_likeness() -> None:
    def came(row: Row) -> object:
        return getattr(identity, row["of"])(*row["given"])

    compare(table(__file__, "identity.jsonl"), came)


def test_a_paper_is_known_by_its_doi_then_its_arxiv_id_then_its_title() -> None:
    one = Record(title="?!", abstract="A.", source="s", reader="jsonl")
    assert identity_key(one) == "title:?!", "a title without words stands for itself"
    assert identity_key(one.model_copy(update={"title": "Über ALLES!"})) == "title:über alles"
    with_arxiv = one.model_copy(update={"arxiv_id": "2401.00001"})
    assert identity_key(with_arxiv) == "arxiv:2401.00001"
    assert identity_key(with_arxiv.model_copy(update={"doi": "10.1000/a"})) == "doi:10.1000/a"


def test_no_two_rows_have_one_digest() -> None:
    values = [
        *((b"ab", b"c"), (b"a", b"bc"), (b"abc", None), (None, b"abc"), (b"b", b"c"), (b"b1:c",)),
        *((b"1", None), (1, None), (b"", None), (None, None), (None,), (), (b"n",)),
        *((11, 1), (1, 11), (-1,)),
    ]
    digests = {row_digest(*row) for row in values}
    assert len(digests) == len(values)
    assert all(0 <= one < 2**63 for one in digests)


def test_a_digest_is_the_same_in_every_python() -> None:
    """Libraries outlive interpreters: another number would call every row altered."""
    assert row_digest(b"abc", None, 7, 2**40, -1, b"") == 2241319859428237482
