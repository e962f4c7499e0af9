"""What is known of an endpoint, and how long and how much it may answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

LOCAL_READING = 80.0
"""Characters of a prompt that a slow model on the reader's own machine takes in a second.

A model of 1.5 billion parameters in 4 bits reads 45 tokens (some 180 characters) a second on
two busy cores; one of twice the size half as many.
"""


@dataclass(frozen=True)
class EndpointSettings:
    """One OpenAI-compatible endpoint with its deadlines and caps.

    `name` is shown on answers. `context_tokens` covers prompt and answer, None: as much as the
    server states. `max_output_tokens` caps every reply, thoughts included. Deadlines, in
    seconds: to connect; to the first token (a local model loads slowly); between tokens,
    whatever heartbeats come; for the whole answer, waits included. After the end of the
    text, `usage_s` is left for the token counts. Caps: characters of answer and reasoning
    together, bytes of the whole response, and bytes of one line of it. A failure that may
    pass is tried `max_attempts` times, the first wait being `backoff_s`, each next one
    twice as long; a server that asks for a longer wait is given it within `total_s`.
    `reasoning` is the effort asked for, None to ask for none. `address_name` and `key_name`
    are what a reader sets to change the address and the key, for messages. Where `local_reading`
    is given, a server on the reader's own machine has as long again as it takes to read the
    prompt at so many characters a second.
    """

    name: str
    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    temperature: float | None = 0.0
    reasoning: str | None = None
    address_name: str = "OPENAI_BASE_URL"
    key_name: str = "OPENAI_API_KEY"
    connect_s: float = 5.0
    first_token_s: float = 120.0
    between_chunks_s: float = 60.0
    total_s: float = 600.0
    usage_s: float = 2.0
    max_characters: int = 200_000
    max_bytes: int = 64_000_000
    max_line_bytes: int = 4_000_000
    max_attempts: int = 4
    backoff_s: float = 1.0
    local_reading: float | None = None

    def for_prompt(self, characters: int) -> EndpointSettings:
        """The same limits, with the time that a prompt of so many characters takes to read."""
        if self.local_reading is None:
            return self
        more = float(round(characters / self.local_reading))
        return replace(self, first_token_s=self.first_token_s + more, total_s=self.total_s + more)
