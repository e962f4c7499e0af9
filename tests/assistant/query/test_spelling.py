"""Putting the nearest words in the place of those that no paper holds."""

from __future__ import annotations

from tables import compare, table

from assistant.query.spelling import respelled

NEAR = {
    "diffsion": ("diffusion",),
    "modles": ("models", "modules"),
    "GPTX": ("gpt",),
    "LoRAX": ("lora",),
    "Mistrall": ("mistral",),
}


def near(word: str) -> tuple[str, ...]:
    return NEAR.get(word) or NEAR.get(word.lower()) or ()


def test_words_are_mended_in_place() -> None:
    rows = table(__file__, "spelling.jsonl")
    compare(rows, lambda row: respelled(row["text"], near).text)


def test_what_was_mended_is_said() -> None:
    spelt = respelled("diffsion modles", near)
    assert spelt.notes == (
        "no paper has “diffsion”: searched “diffusion” instead",
        "no paper has “modles”: searched “models” and “modules” instead",
    )
    assert spelt.guesses[1] == "no paper has “modles”: did you mean “models” or “modules”?"
    assert respelled("fast", near).notes == ()


def test_each_word_is_looked_up_once_and_not_too_many() -> None:
    asked: list[str] = []

    def unknown(word: str) -> tuple[str, ...]:
        asked.append(word)
        return (f"{word}s",)

    text = " ".join(f"word{at} word{at}" for at in range(50))
    assert len(respelled(text, unknown).notes) == len(asked) == 8
