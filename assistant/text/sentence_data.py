"""Words that tell where a sentence of scientific text ends and begins, as data."""

from __future__ import annotations

HEADING_WORDS = (
    "BACKGROUND|INTRODUCTION|CONTEXT|RATIONALE|IMPORTANCE|MOTIVATION|OBJECTIVES?|AIMS?|GOALS?"
    "|PURPOSE|HYPOTHESIS|DESIGN|SETTING|PARTICIPANTS|PATIENTS|SUBJECTS|SAMPLE|DATA SOURCES"
    "|INTERVENTIONS?|EXPOSURES?|MEASUREMENTS|MEASURES|OUTCOMES?|MAIN OUTCOME MEASURES?"
    "|METHODS?|METHODOLOGY|APPROACH|MATERIALS? AND METHODS?|PATIENTS AND METHODS|STUDY DESIGN"
    "|EXPERIMENTAL DESIGN|RESULTS?|MAIN RESULTS|FINDINGS|PRINCIPAL FINDINGS|DISCUSSION"
    "|METHODS AND RESULTS|METHODS AND FINDINGS|RESULTS AND CONCLUSIONS?"
    "|CONCLUSIONS?|INTERPRETATION|IMPLICATIONS|SIGNIFICANCE|LIMITATIONS|FUNDING|AVAILABILITY"
)
"""Headings within an abstract, as alternatives of a regular expression."""

_NEVER = "e.g i.e eg ie cf vs viz dr prof mr mrs ms approx incl esp"
NEVER_LAST = frozenset(_NEVER.split())
"""Abbreviations that never end a sentence."""

_SHORT_FORMS = (
    "al etc fig figs eq eqs eqn eqns sec secs sect ref refs tab tabs thm prop lem def alg ch chap "
    "app appx art vol vols no nos st jr sr inc ltd co corp univ dept resp ca avg std max min var "
    "dim param params ed eds trans ver rev ex exp est temp jan feb mar apr jun jul aug sep sept "
    "oct nov dec w.r.t i.i.d s.t a.k.a"
)
ABBREVIATIONS = frozenset(_SHORT_FORMS.split())
"""Abbreviations that end a sentence only where a word that opens sentences follows."""

_NUMBERED = "no nos p pp v art ex exp app ch max min tab prop ed def res"
BEFORE_NUMBERS = frozenset(_NUMBERED.split())
"""These are words as well: they abbreviate only before a number."""

_PARTS_OF_TITLES = (
    "Proc Natl Acad Sci Mol Biol Chem Phys Lett Neurosci Immunol Intl Conf Suppl Trans Int Eur Am"
)
PARTS_OF_TITLES = frozenset(_PARTS_OF_TITLES.split())
"""Abbreviations in the names of journals, where they are written with a capital."""

SPECIES = frozenset(("sp", "spp", "ssp", "subsp", "cv"))
"""Abbreviations that a small letter, a number or a strain in capitals follows: sp. PCC 6803."""

LETTERED_WORDS = frozenset(("App", "Ch", "Tab", "Prop", "Def", "Ex"))
"""Written with a capital, these stand before a letter too: App. A, Tab. B."""

SEROVARS = frozenset(("Typhimurium", "Typhi", "Enteritidis", "Paratyphi", "Choleraesuis"))
"""Second parts of the names of organisms that are written with a capital: S. Typhimurium."""

_NAMING = "by of and from with to in for against et & van de"
INITIAL_AFTER = frozenset(_NAMING.split())
"""Words before the initial of a name."""

_OPENERS = (
    "A About According Across Additionally After All Also Although Among An And Another Any As At "
    "Based Because Before Besides Beyond Both But By Code Compared Consequently Conversely "
    "Currently Data Despite Due During Each Early Empirical Evaluations Even Experimental "
    "Experiments Extensive Finally First Firstly Following For Furthermore From Given Hence Here "
    "How However If In Inspired Instead Interestingly It Its Last Lastly Like Many Meanwhile "
    "Models Moreover Most Motivated Nevertheless Next No Nonetheless Not Notably Of On Once One "
    "Only Other Our Out Overall Prior Patients Previous Recent Recently Results Second Secondly "
    "Several Similarly Since So Some Specifically Such Surprisingly Than That The Their Then There "
    "Therefore These They Third This Those Though Through Thus To Together Traditional Two Under "
    "Unfortunately Unlike Using Usually Via We What When Where Whereas Whether Which While Who Why "
    "With Within Without Yet You"
)
STARTERS = frozenset(_OPENERS.split())
"""Words that, with a capital, begin a sentence rather than a name."""

LOW_STARTERS = frozenset(
    ("we", "our", "however", "this", "these", "moreover", "furthermore", "finally", "it")
)
"""Words that begin a sentence even where it was left without a capital."""
