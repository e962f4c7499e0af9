"""Cutting text into sentences where a full stop, a bracket or a missing space misleads."""

from __future__ import annotations

import random
import re

import pytest
from cutting import cut

from assistant.text.sentences import MAX_SENTENCE, source_sentences

# Each case is the sentences themselves; the text is what they give joined by a space.
JOINED = [
    # Abbreviations.
    ["Some losses, i.e., those with margins, converge.", "Others do not."],
    ["Some losses (i.e. Hinge losses) converge.", "Others do not."],
    ["Rare events, e.g., floods, are missed.", "Common ones are not."],
    ["Cf. Lee for the proof.", "It is short."],
    ["Fig. 3 shows the drop.", "Figs. 4 and 5 show the rest."],
    ["Eq. 7 bounds the loss.", "Eqs. (8) and (9) bound the rest."],
    ["By Eq. (2), the bound holds.", "By Thm. 3, it is tight."],
    ["CNNs vs. Transformers is an old quarrel.", "We settle it."],
    ["It took approx. 3 h per run.", "We ran it twice."],
    ["Train and test hold 80 resp. 20 items.", "No item is in both."],
    ["The gradient w.r.t. W is sparse.", "So is W."],
    ["Dr. Okafor led the trial.", "Prof. Lind checked it."],
    ["Sample No. 12 was lost.", "The others were kept."],
    ["Is it needed?", "No.", "One step is enough."],
    ["Patients came from St. Mary and from St. Luke.", "All agreed to take part."],
    ["Most U.S. Hospitals agreed.", "European ones did not."],
    ["It was run in the U.S. and the U.K. in spring.", "It was run again in May."],
    ["Half of them had a Ph.D. in physics.", "The rest had none."],
    ["All raters hold a Ph.D.", "They were paid."],
    ["Acme Inc. and Foo Ltd. gave the data.", "Bar Corp. gave none."],
    ["See Sec. 2, App. A and Tab. 1.", "See also Ch. 4."],
    ["It was first seen ca. 1890.", "It was named later."],
    ["The vol. 3, pp. 12-14 text is used.", "It is free."],
    ["It is a min. 5 and max. 9 layers deep.", "We use 7."],
    ["Doses were given b.i.d. for a week.", "None was missed."],
    ["Mice were injected i.v. with saline.", "They were then weighed."],
    ["It was open from 9 a.m. to 5 p.m. on weekdays.", "It closed early on Fridays."],
    ["Nets, trees, etc. are compared.", "Trees win."],
    # Initials and names.
    ["The data of J. R. Smith are used.", "They are old."],
    ["We follow A. B. Turing.", "He was first."],
    ["It is due to R.A. Fisher and K. Pearson.", "Both are cited."],
    ["Lin et al. (2020) prune first.", "We tune first."],
    ["We repeat Lin et al. [3] on new data.", "It holds."],
    ["Lin et al.'s bound is loose.", "Ours is tight."],
    ["It differs from Lin et al., who tune.", "We prune."],
    ["This is the net of Lin et al.", "We extend it."],
    # Species.
    ["We grew E. coli and S. cerevisiae at 30 °C.", "Both grew."],
    ["The genome of C. elegans is small.", "That of A. thaliana is not."],
    ["It kills S. Typhimurium in mice.", "It spares the host."],
    ["Growth of intracellular S. Typhimurium was slowed.", "The host was spared."],
    ["Isolates were all S. aureus.", "B. subtilis was absent."],
    ["We kept Bacillus sp. from soil.", "Candida spp. were dropped."],
    # Numbers.
    ["The effect is small (p < .05).", "It lasts."],
    ["The effect has p < .05 in both groups.", "It lasts."],
    ["We found r = .71.", "It was .68 before."],
    ["The learning rate is 0.1.", "The decay is 0.99."],
    ["We train for 3.5 h at 2.4 GHz.", "That is enough."],
    ["Weights rose by 1.2 +/- 0.3 kg.", "Heights did not."],
    ["We use v2.0.", "Older ones fail."],
    ["It needs Python 3.12.", "It fails on 2.7."],
    ["We compare with ResNet-50.", "ResNet-101 is slower."],
    ["It runs on GPT-4.", "4 of 5 runs end."],
    ["The set has 1,000.5 h.", "12 h are noisy."],
    ["It was built in 2015.", "2016 saw the first use."],
    ["It fell from 3.1% to 2.9%.", "5% was the goal."],
    # Ellipses, question marks, exclamation marks.
    ["Nets, trees, ... are compared.", "Trees win."],
    ["We wait ...", "Nothing comes."],
    ["Is it fair (and to whom?) to ask?", "We think so."],
    ["It works (really!).", "We show how."],
    ["What helps?", "Where?", "We ask both."],
    ["It is only 5!", "We expected more."],
    # Quotations.
    ['They call it "a loss."', "We do not."],
    ["They call it ‘a loss.’", "We do not."],
    ['"What is a loss?" is asked often.', "We answer."],
    ["“It is done.”", "“It is not.”"],
    ['She said "stop." and left.', "He stayed."],
    # Brackets that hold a sentence.
    ["We prune.", "(We also tune.)"],
    ["We prune.", "(See also the appendix.)", "Then we tune."],
    ["We prune (the nets are large. They do not fit) and tune.", "It helps."],
    ["It holds [see Lee et al. (2019)].", "It is tight."],
    # Formulas and lost LaTeX.
    ["We bound $x_i$.", "We then sum over $i$."],
    ["Here $f(x) = 0.5 x. y$ holds.", "It is exact."],
    ["The drop is 12\\%.", "It was 3\\% before."],
    ["The set is {\\em small}.", "We extend it."],
    ["It needs \\mathcal{O}(n).", "We need less."],
    ["We take K = 5.", "Then K = 7."],
    ["We sum over i.", "Then over j."],
    # Addresses.
    ["Code: https://example.org/a.b/c.html.", "Data: see there."],
    ["Code is at www.example.org.", "Data are not."],
    ["Write to jane.doe@example.org.", "She answers."],
    ["Write to jane.doe@example.org for data.", "They are free."],
    ["It is at doi:10.1000/182.abc.", "It is short."],
    ["Open main.py and run it.", "It ends."],
    # Semicolons and colons.
    ["We prune; we tune; we test.", "It helps."],
    ["One thing is clear: We must prune.", "We do."],
    ["We do two things: (1) we prune; (2) we tune.", "Both help."],
    ["We do two things.", "(1) We prune.", "(2) We tune."],
    ["We do two things.", "First, we prune.", "Second, we tune."],
    # Headings within a text.
    ["BACKGROUND: Little is known.", "METHODS: We asked.", "CONCLUSION: It is known."],
    ["Background: Little is known.", "Methods: We asked.", "Conclusion: It is known."],
    ["Methods. We asked 12 people.", "Results. All agreed.", "Conclusions. They are one."],
    ["RESULTS - All agreed.", "CONCLUSIONS - They are one."],
    ["**Background** Little is known.", "**Conclusions** It is known."],
    ["OBJECTIVE To ask.", "METHODS We asked 12 people.", "RESULTS All agreed."],
    # What a sentence may begin with.
    ["The phones differ.", "iPhone users swipe more."],
    ["The cells die.", "mRNA levels fall."],
    ["The plots differ.", "t-SNE spreads them."],
    ["The genes are known.", "hsf-1 acts alone."],
    ["The genes are known.", "c-Myc acts alone."],
    ["The neurons grow.", "α2-chimaerin stops them."],
    ["The cells move.", "β-catenin stops them."],
    ["The cells move.", "β is fixed at 0.9."],
    ["The rate is fixed.", "ε-greedy search is used."],
    ["The rate is fixed.", "λ = 0.1 is used."],
    ["We fit a line.", "$x$ is the input."],
    ["We fit a line.", "\\alpha is the slope."],
    ["We fit a line.", "p-values are given."],
    ["It is a game.", "'Go' is another."],
    ["It is known.", "“Go” is a game."],
    ["It is free.", "https://example.org has it."],
    ["It ends.", "— So does this."],
    ["The word ends.", "et al is two words."],
    # Units that end a sentence.
    ["We waited 24 h.", "Then we stopped."],
    ["It was kept at 4 °C.", "It did not freeze."],
    ["The gap was 3.3 Å.", "It was closed."],
    ["Each got 5 mg.", "The dose was doubled later."],
    ["We gave vitamin C.", "They were well."],
    ["It is due to caspase-8 and protein A.", "Both were found."],
    ["It acts on NF-κB.", "It does not act on IL-6."],
    # Other scripts.
    ["Он быстрый.", "Мы проверили."],
    ["C'est rapide.", "Être lent coûte."],
    ["Es ist z.B. schnell.", "Ärzte nutzen es."],
    ["Es ist i.A. schnell.", "Ärzte nutzen es."],
    # Journals, species, and what a whole word before a small letter says.
    ["See Proc. Natl. Acad. Sci. USA 85, 2444.", "It is old."],
    ["See J. Mol. Biol. 215, 403.", "It is old."],
    ["It rose to 48 mmol/mol.", "Women were told."],
    ["We sequenced Synechocystis sp. PCC 6803.", "It is blue."],
    ["Many have Candida spp.", "Secondary outcomes were rare."],
    ["The drug is known.", "ticagrelor is its name."],
    ["The drug is given twice.", "beta blockers are not."],
    ["We compare (incl. state of the art) nets.", "All fail."],
    # A number of a reference that lost its place.
    ["This mimics ageing.1–3", "Affected children are small."],
    ["Few are seen (see Table 1).2", "The rest are lost."],
    ["It has been shown before.4,5", "We repeat it."],
    # A closing mark that stands apart.
    ['They call it a "loss. "', "We do not."],
]
TEXTS = [
    # A space that got lost after the full stop.
    ("We add two datasets.We test both.", ["We add two datasets.", "We test both."]),
    ("It fell by 12%.The rest rose.", ["It fell by 12%.", "The rest rose."]),
    ("It works (mostly).However, it is slow.", ["It works (mostly).", "However, it is slow."]),
    ("Is it fast?We think so.", ["Is it fast?", "We think so."]),
    ("It helps.Interestingly, it is free.", ["It helps.", "Interestingly, it is free."]),
    ("Use numpy.Array or Foo.Bar here.", ["Use numpy.Array or Foo.Bar here."]),
    ("Use v1.2.3 of a.b.c and x.y=z.w.", ["Use v1.2.3 of a.b.c and x.y=z.w."]),
    # White space of other kinds.
    ("It works.\u00a0We test it.", ["It works.", "We test it."]),
    ("It works.\u2009We test it.", ["It works.", "We test it."]),
    ("See Fig.\u00a03 and Eq.\u00a0(2). Good.", ["See Fig.\u00a03 and Eq.\u00a0(2).", "Good."]),
    ("It works.\tWe test it.\r\nIt holds.", ["It works.", "We test it.", "It holds."]),
    ("\u00a0 It works. \u3000", ["It works."]),
    # Full stops of other scripts.
    ("它很快。我们测试了它！对吗？", ["它很快。", "我们测试了它！", "对吗？"]),
    ("速い．小さい｡ 「はい。」終わり。", ["速い．", "小さい｡", "「はい。」", "終わり。"]),
    ("精度为0.5。We test it.", ["精度为0.5。", "We test it."]),
    # Lines and lists.
    ("We do:\n• prune\n• tune.\nIt helps.", ["We do:", "• prune", "• tune.", "It helps."]),
    ("1. We prune.\n2. We tune.", ["1. We prune.", "2. We tune."]),
    ("a) we prune\n\nb) we tune", ["a) we prune", "b) we tune"]),
    ("**Conclusions**\nIt helps.", ["**Conclusions**", "It helps."]),
    (
        "**Conclusions:** It helps. **Funding:** None.",
        ["**Conclusions:** It helps.", "**Funding:** None."],
    ),
    # What begins or ends anywhere.
    ("It works. And then", ["It works.", "And then"]),
    ("and so it ends. It works.", ["and so it ends.", "It works."]),
    ("It works. ...", ["It works. ..."]),
    ("We prune", ["We prune"]),
    ("No. 5", ["No. 5"]),
    (".", ["."]),
    ("?!", ["?!"]),
    ("\n\n\n", []),
    ("\u3000\u00a0\t", []),
    # A text that is written without any capitals, with spaced full stops.
    (
        "a wing is tested . it was found that lift grows . the gain is 2.5 .",
        ["a wing is tested .", "it was found that lift grows .", "the gain is 2.5 ."],
    ),
    (
        "it was built at m . i . t . in 1950 . air was used .",
        ["it was built at m . i . t . in 1950 .", "air was used ."],
    ),
    ("it is . . . . . long . it ends .", ["it is . . . . . long .", "it ends ."]),
    # Only there: a stray space before a full stop is none.
    ("Most domains face few dat . a scarcity.", ["Most domains face few dat . a scarcity."]),
]


@pytest.mark.parametrize("sentences", JOINED, ids=lambda case: " ".join(case)[:40])
def test_sentences_are_found_again_when_joined(sentences: list[str]) -> None:
    assert cut(" ".join(sentences)) == sentences


@pytest.mark.parametrize(("text", "sentences"), TEXTS, ids=lambda case: str(case)[:40])
def test_sentences_of_a_text(text: str, sentences: list[str]) -> None:
    assert cut(text) == sentences


def test_the_table_is_long_enough() -> None:
    assert len({" ".join(case) for case in JOINED} | {text for text, _ in TEXTS}) > 140


def test_a_sentence_of_20_000_characters_is_cut_and_nothing_is_lost() -> None:
    text = "The loss is small and the gain is not; " * 512 + "so it ends."
    assert len(text) > 19_900
    pieces = cut(text)
    assert max(map(len, pieces)) <= MAX_SENTENCE
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_offsets_are_exact_in_any_mixture_of_the_cases() -> None:
    """Every text of the table after any other: text[start:end] is the sentence, all is covered."""
    whole = [" ".join(case) for case in JOINED] + [text for text, _ in TEXTS]
    chance = random.Random(7)
    for _ in range(600):
        chosen = chance.sample(whole, chance.randint(1, 5))
        text = chance.choice((" ", "  ", "\n", "\n\n", "\u00a0", "")).join(chosen)
        sentences = source_sentences("", text)[1:]
        at = 0
        for one in sentences:
            assert text[one.start : one.end] == one.text == one.text.strip()
            assert not text[at : one.start].strip()
            at = one.end
        assert not text[at:].strip()
        joined = "".join(one.text for one in sentences)
        assert re.sub(r"\s", "", joined) == re.sub(r"\s", "", text)
