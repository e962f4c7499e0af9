"""The signs of papers' tokens: kept with their vectors, made where they lack, gone with a paper."""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from damages import DAMAGES, damage
from hashed_embedder import Hashed, TestEmbedders
from numpy.typing import NDArray
from papers import late, made_up

from assistant.retrieval.answerability import chance
from assistant.retrieval.calibration import calibration_of
from assistant.retrieval.late_interaction import alikeness
from assistant.retrieval.retriever import Retriever
from store.embedders.token_vectors import ReadTokens
from store.library.doctor_kept import kept_tokens
from store.library.erase import complete
from store.library.finding import Finding
from store.library.kept_tokens import MOST_TOKENS, TOKENS, KeptTokens
from store.library.library import Library
from store.library.reembedding import READING
from store.library.upkeep import FEW_TOKENS
from store.pattern import pattern
from store.tokens.signs import TokenAxes
from store.types import Filter, Record

NUMBER = 30
_WORD = pattern(r"\S+")


class Late(Hashed):
    """One that tells tokens apart: each word of a text has the vector of its own."""

    axes_version = "1"

    def axes(self) -> TokenAxes:
        return TokenAxes(np.full(48, 0.1, dtype=np.float32), np.eye(48, dtype=np.float32))

    def embed_and_read(self, texts: Sequence[str], read: ReadTokens) -> NDArray[np.float32]:
        for at, text in enumerate(texts):
            spans = tuple(found.span() for found in _WORD.finditer(text))
            words = [text[begin:end] for begin, end in spans]
            for first in range(0, len(words), 40):
                tokens = super().embed(words[first : first + 40])
                self.asked = self.asked[: -len(tokens)]
                read(at, spans[first : first + 40], tokens)
        return super().embed(texts)


@pytest.fixture
def embedder() -> Late:
    return Late()


@pytest.fixture
def library(tmp_path: Path, embedder: Late) -> Library:
    with Library.open(
        tmp_path / "library", create=True, embedders=TestEmbedders(embedder)
    ) as found:
        found.use_embedder("hashed")
        found.ingest().run(made_up(NUMBER))
        yield found


def kept(library: Library) -> KeptTokens:
    found = library.tokens
    assert found is not None
    return found


def signs(library: Library) -> dict[str, bytes]:
    return library.token_signs(library.ids(Filter()))


def finding(library: Library) -> Finding:
    (found,) = kept_tokens(library)
    return found


def test_they_are_kept_with_the_vectors_from_one_run(library: Library, embedder: Late) -> None:
    assert len(signs(library)) == NUMBER
    assert len(embedder.asked) == NUMBER
    assert kept(library).catch_up(lambda: False)
    assert len(embedder.asked) == NUMBER  # nothing was lacking


def test_a_question_finds_by_them(library: Library) -> None:
    question = "glacier melt seen from orbiting satellites over polar oceans"
    found = Retriever(library).ranked(question, Filter())
    assert any(one.token_share for one in found)
    without = Library.open(library.folder, embedders=TestEmbedders(Hashed()))
    with without:
        assert not any(one.token_share for one in Retriever(without).ranked(question, Filter()))


def test_a_question_is_judged_by_them(library: Library) -> None:
    def odds(share: float) -> float:
        return math.log(share / (1 - share))

    question = "harpsichord tuning between ballrooms"
    retriever = Retriever(library)
    ranked = retriever.ranked(question, Filter())[:8]
    assert ranked
    judged = retriever.judge(question, ranked)
    # One that did not put the papers in order has not compared their tokens.
    without = Retriever(library).judge(question, ranked)
    near = library.dense_hits(question, 1)
    assert near is not None
    assert near.question is not None
    alike = alikeness(near.question, list(library.token_signs([one.id for one in ranked]).values()))
    usual = calibration_of(library.embedder)
    expected = odds(chance(0.3, 0.3, NUMBER, usual, alike)) - odds(chance(0.3, 0.3, NUMBER, usual))
    assert abs(expected) > 0.1
    assert odds(judged.chance) - odds(without.chance) == pytest.approx(expected)


def test_a_changed_text_has_signs_of_its_own(library: Library) -> None:
    record = made_up(NUMBER)[3]
    name = library.paper(record.title).id
    before = signs(library)[name]
    longer = record.model_copy(update={"abstract": f"{record.abstract} Kelp grows in tides here."})
    library.ingest().run([longer])
    after = signs(library)[name]
    assert len(after) > len(before)
    assert len(signs(library)) == NUMBER


def test_an_older_library_gets_them_a_few_at_a_time(library: Library, embedder: Late) -> None:
    library.ingest().run(made_up(2 * FEW_TOKENS, seed=11))
    shutil.rmtree(library.folder / TOKENS.folder)
    assert not signs(library)
    papers = len(library.ids(Filter()))
    library.catch_up()
    assert 0 < len(signs(library)) <= FEW_TOKENS
    left = library.papers_unread()
    assert papers - FEW_TOKENS <= left < papers
    told: list[tuple[str, int, int]] = []
    library.use_embedder("hashed", lambda *step: told.append(step))
    assert [one for one in told if one[0] == READING] == [
        (READING, done, left) for done in range(0, left, FEW_TOKENS)
    ]
    assert (len(signs(library)), library.papers_unread()) == (papers, 0)
    made = len(embedder.asked)
    library.use_embedder("hashed")
    assert len(embedder.asked) == made


def test_making_them_stops_where_asked_and_goes_on(library: Library) -> None:
    shutil.rmtree(library.folder / TOKENS.folder)
    library.use_embedder("hashed", stopped=lambda: True)
    assert not signs(library)
    assert library.papers_unread() == NUMBER
    library.use_embedder("hashed")
    assert len(signs(library)) == NUMBER


def test_a_change_of_the_embedder_brings_them(tmp_path: Path) -> None:
    with Library.open(tmp_path / "other", create=True, embedders=TestEmbedders(Late())) as library:
        library.ingest().run(made_up(5))
        assert library.tokens is None
        assert not signs(library)
        library.use_embedder("hashed")
        assert len(signs(library)) == 5


@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_costs_no_answer_and_is_mended(library: Library, kind: str) -> None:
    whole = signs(library)
    kept(library).close()
    (file,) = (library.folder / TOKENS.folder).glob("*.sqlite3")
    damage(file, kind)
    found = signs(library)
    assert all(whole[name] == one for name, one in found.items())
    assert Retriever(library).ranked("glacier melt", Filter())
    assert finding(library).state in ("mended", "ok")
    assert signs(library) == whole


def test_nothing_is_left_of_what_is_removed_for_good(library: Library, embedder: Late) -> None:
    library.ingest().run([late("Quokkazil stripes")])
    gone = library.paper("Quokkazil stripes").id
    trace = signs(library)[gone]
    kept(library).close()
    folder = library.folder / TOKENS.folder
    assert any(trace in one.read_bytes() for one in folder.iterdir())
    made = len(embedder.asked)
    library.remove([gone])
    complete(library)
    kept(library).close()
    assert not any(trace in one.read_bytes() for one in folder.iterdir())
    assert len(signs(library)) == NUMBER
    assert len(embedder.asked) == made


def test_a_very_long_text_is_kept_in_part(library: Library) -> None:
    words = " ".join(f"word{number}" for number in range(3 * MOST_TOKENS))
    record = Record(title="Very long", abstract=words, source="x", reader="x", record=1)
    library.ingest().run([record])
    name = library.paper("Very long").id
    assert len(signs(library)[name]) == MOST_TOKENS * 48 // 8


def test_trying_out_keeps_nothing(library: Library) -> None:
    library.ingest(dry_run=True).run([late()])
    assert len(signs(library)) == NUMBER
