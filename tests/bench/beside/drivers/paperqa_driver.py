"""paper-qa by its Python interface: a text an abstract, kept with pickle as its own indexes are."""

import asyncio
import pickle

from driving import job, lines, said, searched
from paperqa import Docs, Settings
from paperqa.types import Doc, Text

AT_ONCE = 16
MODEL = "openai/bench"

verb, folder, task = job()
file = folder / "docs.pickle"
models = [{"model_name": MODEL, "litellm_params": {"model": MODEL}}]
settings = Settings(
    llm=MODEL,
    llm_config={"model_list": models},
    summary_llm=MODEL,
    summary_llm_config={"model_list": models},
    embedding="openai/text-embedding-3-small",
)


async def add():
    docs = Docs()
    waiting = asyncio.Semaphore(AT_ONCE)
    embedder = settings.get_embedding_model()

    async def one(paper, text):
        doc = Doc(docname=paper["id"], dockey=paper["id"], citation=paper["title"])
        held = Text(text=text["text"], name=paper["id"], doc=doc)
        async with waiting:
            await docs.aadd_texts([held], doc, settings=settings, embedding_model=embedder)

    await asyncio.gather(
        *(one(*both) for both in zip(lines(task["papers"]), lines(task["texts"]), strict=True))
    )
    file.write_bytes(pickle.dumps(docs))
    return {"papers": len(docs.docs)}


async def main():
    if verb == "add":
        return await add()
    docs = pickle.loads(file.read_bytes())
    embedder = settings.get_embedding_model()

    async def search(text, limit):
        found = await docs.retrieve_texts(text, limit, settings, embedder)
        return [one.doc.dockey for one in found]

    if verb == "search":
        return await searched(task, search)
    if verb == "once":
        return {"found": await search(task["query"], 10)}
    session = await docs.aquery(task["question"], settings=settings)
    return {"answer": session.answer}


said(asyncio.run(main()))
