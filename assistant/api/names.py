"""What `from assistant import …` gives: `open_library`, its `Library`, values and errors.

Names may be added; none goes. What stands in other modules may change at any time.
"""

from assistant.api.library import Library, open_library
from assistant.api.streams import Stream
from assistant.errors import (
    AnswerCut,
    AssistantError,
    CostRefused,
    EndpointError,
    EndpointGarbled,
    EndpointRefused,
    EndpointTimeout,
    EndpointUnreachable,
    PromptError,
    QuerySyntaxError,
    RecordMissing,
    ServiceFailed,
    WrongUse,
)
from assistant.ingest.add import AddDone, AddEvent, AddProgress, AddReport
from assistant.types.answers import Answer, Coverage, PaperVerdict, Reference
from assistant.types.claims import Citation, Claim
from assistant.types.events import (
    AnswerDone,
    AnswerWhole,
    AskedAgain,
    ClaimChecked,
    ClaimJudged,
    Event,
    EvidenceFound,
    Progress,
    TextDelta,
    Thinking,
)
from assistant.types.evidence import Evidence, NearMiss, Sentence, Source
from assistant.types.search import Found, SearchResult
from assistant.types.usage import Usage
from store.errors import (
    AmbiguousPaper,
    InputError,
    LibraryBusy,
    LibraryDamaged,
    LibraryMissing,
    LibraryReadOnly,
    NoSpace,
    StoreError,
    UnknownPaper,
    UnusableSource,
)
from store.ledger.browse import PaperLine
from store.types import Filter, LibraryStatus, Paper

__all__ = [
    "AddDone",
    "AddEvent",
    "AddProgress",
    "AddReport",
    "AmbiguousPaper",
    "Answer",
    "AnswerCut",
    "AnswerDone",
    "AnswerWhole",
    "AskedAgain",
    "AssistantError",
    "Citation",
    "Claim",
    "ClaimChecked",
    "ClaimJudged",
    "CostRefused",
    "Coverage",
    "EndpointError",
    "EndpointGarbled",
    "EndpointRefused",
    "EndpointTimeout",
    "EndpointUnreachable",
    "Event",
    "Evidence",
    "EvidenceFound",
    "Filter",
    "Found",
    "InputError",
    "Library",
    "LibraryBusy",
    "LibraryDamaged",
    "LibraryMissing",
    "LibraryReadOnly",
    "LibraryStatus",
    "NearMiss",
    "NoSpace",
    "Paper",
    "PaperLine",
    "PaperVerdict",
    "Progress",
    "PromptError",
    "QuerySyntaxError",
    "RecordMissing",
    "Reference",
    "SearchResult",
    "Sentence",
    "ServiceFailed",
    "Source",
    "StoreError",
    "Stream",
    "TextDelta",
    "Thinking",
    "UnknownPaper",
    "UnusableSource",
    "Usage",
    "WrongUse",
    "open_library",
]
