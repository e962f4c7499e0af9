"""The values between a question and a checked answer, and the events of their stream."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from store.model import Filter, Paper, Ranks, TermMatch

Outcome = Literal["answered", "not_in_collection", "interrupted", "declined"]
"""How a question ended; `interrupted` answers hold what came before the cut."""

TextVerdict = Literal["matched", "weak", "number_not_found", "uncited", "unknown_citation"]
"""What a comparison of words and numbers says of a claim."""

Verdict = Literal[
    "matched",
    "weak",
    "number_not_found",
    "uncited",
    "unknown_citation",
    "supported",
    "contradicted",
    "not_stated",
]
"""What the check of a claim said; the last three come from a model."""


CheckOutcome = Literal["none", "done", "in_part", "failed"]
"""How far a model judged the claims of an answer: not asked to, all, some, or none of them."""


class Value(BaseModel):
    """A frozen value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sentence(Value):
    """One sentence of a source.

    `index` counts from 1, 0 is the title; `start` and `end` are character offsets into
    the abstract (into the title for index 0); `text` is that slice.
    """

    index: int
    start: int
    end: int
    text: str


class Source(Value):
    """A retrieved paper as the model sees it: its number, its title and its sentences.

    `number` counts from 1 in the order given to the model; sentence s has the address
    `number.s`; `sentences[0]` is the title.
    """

    number: int
    paper: Paper
    sentences: tuple[Sentence, ...]
    score: float
    ranks: Ranks

    def sentence(self, index: int) -> Sentence | None:
        """The sentence with this index, or None."""
        return self.sentences[index] if 0 <= index < len(self.sentences) else None


class NearMiss(Value):
    """A paper that came close, and why it does not do.

    `quote` is the sentence of it that comes nearest to the question, `sentence` its index;
    None for a paper of which no sentence comes near.
    """

    id: str
    title: str
    score: float
    why: str
    sentence: int | None = None
    quote: str = ""


class Evidence(Value):
    """What a question was grounded on.

    `considered` counts papers retrieved, `dropped` those that did not fit the budget.
    `answerable` is False when nothing retrieved speaks to the question by the calibrated
    measure; `near_misses` then says what came closest. `notes` are lines for the reader.
    """

    sources: tuple[Source, ...] = ()
    considered: int = 0
    dropped: int = 0
    answerable: bool = True
    near_misses: tuple[NearMiss, ...] = ()
    notes: tuple[str, ...] = ()

    def source(self, number: int) -> Source | None:
        """The source with this number, or None."""
        return self.sources[number - 1] if 1 <= number <= len(self.sources) else None


class Citation(Value):
    """A mark in an answer: which sentences of which paper it points at.

    `number` is the paper's number in the answer, from 1 in order of appearance;
    `sentences` are indices as in `Sentence`; `quote` is their text.
    """

    number: int
    id: str
    sentences: tuple[int, ...]
    quote: str
    verdict: Verdict


class NearSentence(Value):
    """The sentence of a source that holds the words and numbers of a claim without citation.

    It was found by quire and not named by the model; `sentence` is its index.
    """

    id: str
    title: str
    sentence: int
    quote: str


class Claim(Value):
    """One sentence of an answer, with its citations and what their check said.

    `start` and `end` are character offsets into the answer's text, marks included. `basis`
    are the addresses that a model's judgement names, as number of the paper in the answer
    and index of the sentence: "2.4". `nearest` is what an uncited claim may rest on.
    """

    text: str
    start: int
    end: int
    verdict: Verdict
    checked_by: Literal["text", "model"] = "text"
    basis: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    nearest: NearSentence | None = None


class Reference(Value):
    """A cited paper, as it was when it was cited.

    `abstract` and `sentences` (indices cited anywhere in the answer) let the citation be
    shown after the paper itself is gone.
    """

    number: int
    id: str
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    url: str | None = None
    abstract: str = ""
    sentences: tuple[int, ...] = ()
    source: str = ""
    added_at: str = ""


class PromptReference(Value):
    """Which prompt was used; `digest` is the first 12 hex digits of its SHA-256."""

    name: str
    version: str
    digest: str


class Usage(Value):
    """What an answer took; tokens as reported by the server or estimated, cost in USD."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    estimated: bool = False


class Estimate(Value):
    """What a request will take before it is sent: tokens out are the most that may come.

    `cost` is in USD, at most; None where a price is not known.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None


class EvidenceCounts(Value):
    """Sources considered, cited, and left out for the budget."""

    considered: int = 0
    used: int = 0
    dropped: int = 0


class Question(Value):
    """What a reader asks.

    `sources` caps the number of sources (None: as the question needs). `history` holds the
    earlier turns of the conversation, oldest first. `session` is the conversation that the
    answer belongs to, None for none yet. `check` has the model judge each claim afterwards.
    `max_cost` caps the cost in USD; `anew` asks the model though it has answered the same
    before.
    """

    text: str
    filter: Filter = Filter()
    sources: int | None = None
    history: tuple[Turn, ...] = ()
    session: str | None = None
    check: bool = False
    max_cost: float | None = None
    anew: bool = False


class SummaryRequest(Value):
    """What a reader wants summarized: papers by id, a topic, or all that the filter leaves.

    `max_cost` and `anew` are those of a question.
    """

    papers: tuple[str, ...] = ()
    topic: str | None = None
    filter: Filter = Filter()
    length: Literal["sentence", "short", "long"] = "short"
    session: str | None = None
    check: bool = False
    max_cost: float | None = None
    anew: bool = False


PaperSays = Literal["yes", "no", "unclear", "failed"]
"""What one paper says to a question that was put to every paper; `failed`: it was not asked."""


class PaperVerdict(Value):
    """What one paper says to a question that was put to every paper; `sentence` shows it."""

    id: str
    title: str
    verdict: PaperSays
    sentence: str | None = None


class Coverage(Value):
    """How many papers a question was put to, and what they say; `asked` is the sum of the rest
    once all were read."""

    asked: int
    yes: int = 0
    no: int = 0
    unclear: int = 0
    failed: int = 0


class Answer(Value):
    """A checked answer.

    `text` carries marks [1], [2] that are numbers of `references`; `[?]` marks a citation
    that points at nothing. `standalone` is the question as it was understood when it was a
    follow-up. `note` is one line for the reader: what was covered, why it was cut. `check`
    says how far a model judged the claims. `cached` says that it was given before and nothing
    was sent. `replaced` counts the characters that stand for bytes of the server which are no
    UTF-8. `coverage` and `papers` are those of a question that was put to every paper.
    """

    question: str
    standalone: str | None = None
    outcome: Outcome
    text: str
    claims: tuple[Claim, ...] = ()
    references: tuple[Reference, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()
    model: str
    prompt: PromptReference | None = None
    usage: Usage = Usage()
    evidence: EvidenceCounts = EvidenceCounts()
    session: str | None = None
    note: str = ""
    cached: bool = False
    coverage: Coverage | None = None
    papers: tuple[PaperVerdict, ...] = ()
    check: CheckOutcome = "none"
    replaced: int = 0

    def reference(self, number: int) -> Reference | None:
        """The reference with this number, or None."""
        return next((one for one in self.references if one.number == number), None)


class Turn(Value):
    """One question of a conversation with its answer."""

    question: str
    answer: Answer
    asked_at: str = ""


class Session(Value):
    """A saved conversation; instants are ISO 8601 in UTC."""

    id: str
    title: str
    created_at: str
    updated_at: str
    turns: tuple[Turn, ...] = ()


class SessionLine(Value):
    """A saved conversation in a list; `turns` counts its questions."""

    id: str
    title: str
    updated_at: str
    turns: int


class Explanation(Value):
    """Why a paper stands where it stands.

    `fused` is the score that papers are ordered by, in standard deviations above chance, and
    `parts` what each list gave to it; raw scores are BM25 and cosine similarity. `matched` and
    `missing` are the words of the query that the paper has and lacks.
    """

    fused: float
    parts: dict[str, float]
    lexical_score: float | None
    dense_score: float | None
    matched: tuple[TermMatch, ...] = ()
    missing: tuple[str, ...] = ()


class Found(Value):
    """A ranked paper of a search, with the sentence that speaks most to the query.

    `rank` counts papers, not their versions; `versions` are further records of this paper.
    """

    rank: int
    paper: Paper
    score: float
    ranks: Ranks
    sentence: Sentence | None = None
    versions: tuple[Paper, ...] = ()
    explanation: Explanation | None = None


class SearchResult(Value):
    """What a search found; `notes` are lines for the reader (what a filter left out).

    For papers similar to one, `paper` is that one and `versions` are further records of it.
    """

    query: str
    paper: Paper | None = None
    versions: tuple[Paper, ...] = ()
    hits: tuple[Found, ...] = ()
    notes: tuple[str, ...] = ()


class EvidenceFound(Value):
    """The sources of the answer to come, and what a model will be sent; None: nothing is sent."""

    kind: Literal["evidence"] = "evidence"
    evidence: Evidence
    estimate: Estimate | None = None


class TextDelta(Value):
    """The next piece of the answer's text, cleaned, its citations already renumbered.

    All pieces joined are the text of the answer.
    """

    kind: Literal["delta"] = "delta"
    text: str


class ClaimChecked(Value):
    """A sentence of the answer has been checked against its sources; its text has come whole.

    The verdict is that of words and numbers; the answer at the end may hold a later one.
    """

    kind: Literal["claim"] = "claim"
    claim: Claim


class Progress(Value):
    """One line on what is being waited for (a retry, a rewrite, a slow start).

    Where the work has parts, `done` of `total` are done; `unit` names them: "papers asked".
    """

    kind: Literal["progress"] = "progress"
    text: str
    done: int | None = None
    total: int | None = None
    unit: str = ""


class Thinking(Value):
    """A piece of what the model thinks aloud before it answers, cleaned; no part of the answer."""

    kind: Literal["thinking"] = "thinking"
    text: str


class AskedAgain(Value):
    """The text so far is void and the answer begins anew; `why` is one line for the reader."""

    kind: Literal["again"] = "again"
    why: str


class AnswerDone(Value):
    """The whole checked answer; always the last event of a stream that did not fail."""

    kind: Literal["done"] = "done"
    answer: Answer


Event = Annotated[
    EvidenceFound | TextDelta | ClaimChecked | Thinking | Progress | AskedAgain | AnswerDone,
    Field(discriminator="kind"),
]
"""What `Assistant.ask` and `Assistant.summarize` yield: evidence, text with claims, the answer;
Progress and Thinking anywhere, AskedAgain before text that begins anew."""

Question.model_rebuild()
