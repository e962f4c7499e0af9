"""What an answer will take and has taken: tokens, cost, its cap, and answers given before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.config.prices import FREE, Tariff
from assistant.errors import CostRefused, EndpointError
from assistant.generation.base import Finished
from assistant.prompting.grounding import estimate_tokens
from assistant.types.message import Message
from assistant.types.usage import Estimate, Usage
from store.ledger.answer_cache import AnswerCache

_MESSAGE_TOKENS, _PROMPT_TOKENS = 4, 3
"""What the frame of a chat message and of a prompt takes, as OpenAI documents it."""
_LEAST_RATIO, _GREATEST_RATIO = 0.6, 2.5
"""A report outside of these is no matter of the tokenizer: the server cut the prompt, or counts
something else. It teaches nothing."""
_REMEMBERED = 20
MOST_THOUGHTS = 16_000
"""Tokens that thoughts and an answer may take together: reasoning models of 2025 think 1 000 to
10 000 tokens on a question of this kind."""
_RATIOS, _ANSWERS = "ratio", "answer"
_MOST_MODELS = 200
MOST_ANSWERS = 500
"""So many answers are cache, those used last."""
MOST_CHARACTERS = 20_000_000
"""So many characters of answers are cache."""


FREE_OF_CHARGE = Estimate(cost=0.0)
"""What is estimated where nothing is sent."""


@dataclass(frozen=True)
class Order:
    """One request to a model before it is sent: its key among cache answers, and its estimate.

    `raw` are the tokens in before what was learned of the model.
    """

    key: str
    estimate: Estimate
    raw: int


@dataclass(frozen=True)
class Recording:
    """What a model wrote in answer to one request, to be read again in its place.

    `paragraphs` are clean, and hold the addresses as the model wrote them. `note` is what was
    said of it. `replies` are what a model that judges its claims wrote, by key of the request;
    None stands for a request that was too long.
    """

    paragraphs: tuple[str, ...]
    note: str = ""
    replies: Mapping[str, str | None] = field(default_factory=dict)

    def json(self) -> str:
        """As it is kept."""
        return json.dumps([list(self.paragraphs), self.note, dict(self.replies)])

    @classmethod
    def of(cls, text: str) -> Recording | None:
        """From what was kept; None when it is none."""
        try:
            paragraphs, note, replies = json.loads(text)
            whole = cls(tuple(map(str, paragraphs)), str(note), dict(replies))
        except (ValueError, TypeError):
            return None
        return whole if whole.paragraphs else None


class Accounting:
    """Estimates and costs of one model in one library, and what it answered before.

    Without `cache` nothing is remembered.
    """

    def __init__(self, tariff: Tariff = FREE, cache: AnswerCache | None = None) -> None:
        self.tariff = tariff
        self._cache = cache
        self._ratio: tuple[float, int] | None = None
        self.cut_at: int | None = None
        """Tokens of sources that fit into a prompt, where the server has cut one: those to come
        are made to fit."""

    # Before.

    @property
    def ratio(self) -> float:
        """Tokens the server counts to one of our estimate, by what it reported so far; 1 at first.

        It never makes a prompt larger, so that the same question keeps the same evidence.
        """
        return self._learned()[0]

    def order(
        self, messages: Sequence[Message], output: int, extra: object = None, calls: int = 1
    ) -> Order:
        """A request to be sent, with at most `output` tokens out.

        `extra` is what else decides the answer, as JSON takes it. The messages must be alike
        for the same question: no random token in them.
        """
        raw = _raw_tokens(messages)
        texts = [[one.role, one.content] for one in messages]
        key = _digest([self.tariff.identity, texts, output, extra])
        return Order(key, self.estimate(raw, output, calls), raw)

    def estimate(self, raw: int, output: int, calls: int = 1) -> Estimate:
        """An estimate from tokens in that were estimated by length."""
        tokens = round(raw * self.ratio)
        return Estimate(
            calls=calls,
            input_tokens=tokens,
            output_tokens=output,
            cost=self.tariff.cost(tokens, output),
        )

    def allow(self, estimate: Estimate, most: float | None, spent: float | None = 0.0) -> None:
        """Raise CostRefused when an estimate, and what was spent, is above a cap in USD.

        A model without a price is refused too: a cap that nobody can keep is none.
        """
        if most is None:
            return
        name = self.tariff.name
        if estimate.cost is None or spent is None:
            raise CostRefused(
                f"the price of {name} is not known, so its cost cannot be capped; nothing was sent",
                f"set price_in and price_out of [models.{name}] in the configuration,"
                " or take the cap away (--max-cost, or max_cost in the configuration)",
            )
        if not estimate.cost + spent <= most:  # not a number is no cap that can be cache
            raise CostRefused(
                f"it may cost {estimate.cost + spent:.4f} USD, more than the {most:g} allowed"
                f" ({estimate.input_tokens} tokens in, at most {estimate.output_tokens} out);"
                " nothing more was sent",
                "raise --max-cost, or max_cost in the configuration, or have less sent",
            )

    # After.

    def used(self, input_tokens: int, output_tokens: int, calls: int, estimated: bool) -> Usage:
        """What an answer took, with its cost."""
        return Usage(
            calls=calls,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cost=self.tariff.cost(input_tokens, output_tokens),
            estimated=estimated,
        )

    def took(self, ending: Finished, sent: int, written: int) -> Usage:
        """What a reply took with all its requests, as the server reports it.

        `sent` and `written` are the tokens of the last request as estimated, for a server that
        reports none.
        """
        is_told = ending.input_tokens is not None and ending.output_tokens is not None
        return self.used(
            (sent if ending.input_tokens is None else ending.input_tokens) + ending.earlier_input,
            (written if ending.output_tokens is None else ending.output_tokens)
            + ending.earlier_output,
            ending.requests,
            estimated=not is_told,
        )

    def failed(self, order: Order, text: str, failure: EndpointError) -> Usage:
        """What a request took that failed: all its tries, and tokens as estimated if it began."""
        if not text:
            return self.used(0, 0, failure.requests, estimated=False)
        return self.settle(order, text, Finished("stop", requests=failure.requests))

    def settle(self, order: Order, text: str, ending: Finished) -> Usage:
        """What one reply took, as the server reports it, else as estimated; a report teaches."""
        if ending.input_tokens is not None:
            self.learn(order.raw, ending.input_tokens)
        return self.took(ending, order.estimate.input_tokens, estimate_tokens(text))

    def thinking_room(self, order: Order, most: float | None, spent: float | None = 0.0) -> int:
        """Tokens that a second request may have where thoughts took all of the first one's.

        With a cap in USD as many as it leaves money for, the first request being paid in full.
        """
        first, price = order.estimate, self.tariff.price_out
        if most is None or not price:
            return MOST_THOUGHTS
        again = self.tariff.cost(first.input_tokens, 0)
        if first.cost is None or again is None or spent is None:
            return 0
        left = most - spent - first.cost - again
        return max(0, min(MOST_THOUGHTS, int(left / price * 1_000_000)))

    def learn(self, raw: int, reported: int) -> None:
        """Learn from what a server counted for a prompt that was estimated at `raw` tokens."""
        if not raw or not _LEAST_RATIO <= reported / raw <= _GREATEST_RATIO:
            return
        before, seen = self._learned()
        seen = min(seen + 1, _REMEMBERED)
        ratio = before + (reported / raw - before) / seen
        self._ratio = (ratio, seen)
        if self._cache is not None:
            text = json.dumps({"ratio": ratio, "seen": seen})
            self._cache.put(_RATIOS, {self.tariff.identity: text}, most=_MOST_MODELS)

    def _learned(self) -> tuple[float, int]:
        if self._ratio is None:
            self._ratio = (1.0, 0)
            text = self._cache.get(_RATIOS, self.tariff.identity) if self._cache else None
            try:
                known = json.loads(text) if text else {}
                ratio, seen = float(known["ratio"]), int(known["seen"])
            except (ValueError, KeyError, TypeError):
                return self._ratio
            if _LEAST_RATIO <= ratio <= _GREATEST_RATIO and seen > 0:
                self._ratio = (ratio, seen)
        return self._ratio

    # Answers given before.

    def find(self, order: Order, *, anew: bool = False) -> Recording | None:
        """What the model said to the same request before; None for nothing, and for `anew`."""
        text = self._cache.get(_ANSWERS, order.key) if self._cache and not anew else None
        return None if text is None else Recording.of(text)

    def record(self, order: Order, recording: Recording) -> None:
        """Keep what the model said, for the next time."""
        if self._cache is not None:
            texts = {order.key: recording.json()}
            self._cache.put(_ANSWERS, texts, most=MOST_ANSWERS, characters=MOST_CHARACTERS)

    # Texts by key, for who asks in many parts.

    def known(self, space: str, keys: Sequence[str]) -> dict[str, str]:
        """The texts cache under some keys."""
        return self._cache.get_many(space, keys) if self._cache and keys else {}

    def note(self, space: str, texts: dict[str, str], most: int) -> None:
        """Keep texts under keys, at most so many in a space."""
        if self._cache is not None and texts:
            self._cache.put(space, texts, most=most)

    def key(self, *parts: object) -> str:
        """A key of all that decides an answer of this model: this model and these parts."""
        return _digest([self.tariff.identity, *parts])


def total(one: Usage, other: Usage) -> Usage:
    """Two usages as one; the cost is not known when one of them is not."""
    costs = (one.cost, other.cost)
    return Usage(
        calls=one.calls + other.calls,
        input_tokens=one.input_tokens + other.input_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        cost=None if None in costs else sum(cost or 0.0 for cost in costs),
        estimated=one.estimated or other.estimated,
    )


def added(one: Estimate, other: Estimate) -> Estimate:
    """Two estimates as one; the cost is not known when one of them is not."""
    costs = (one.cost, other.cost)
    return Estimate(
        calls=one.calls + other.calls,
        input_tokens=one.input_tokens + other.input_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        cost=None if None in costs else sum(cost or 0.0 for cost in costs),
    )


def _raw_tokens(messages: Sequence[Message]) -> int:
    texts = sum(estimate_tokens(one.content) + _MESSAGE_TOKENS for one in messages)
    return texts + _PROMPT_TOKENS


def _digest(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8", "replace")).hexdigest()
