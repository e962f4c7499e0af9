"""haiku.rag by its Python interface: a document with one chunk an abstract, imported in batches."""

import asyncio

from docling_core.types.doc.document import DoclingDocument
from docling_core.types.doc.labels import DocItemLabel
from driving import job, lines, said, searched
from haiku.rag.client import HaikuRAG
from haiku.rag.client.documents import DocumentImport
from haiku.rag.store.models.chunk import Chunk

BATCH = 256

verb, folder, task = job()
database = folder / "papers.lancedb"


def prepared(paper, held):
    text = held["text"]
    document = DoclingDocument(name=paper["id"])
    document.add_text(label=DocItemLabel.TEXT, text=text)
    return DocumentImport(document, [Chunk(content=text, order=0)], paper["id"], paper["title"])


async def main():
    async with HaikuRAG(database, create=verb == "add") as client:
        if verb == "add":
            papers = list(zip(lines(task["papers"]), lines(task["texts"]), strict=True))
            for start in range(0, len(papers), BATCH):
                part = papers[start : start + BATCH]
                await client.import_documents([prepared(*both) for both in part])
            return {"papers": await client.count_documents()}

        async def search(text, limit):
            return [one.document_uri for one in await client.search(text, limit=limit)]

        return await searched(task, search)


said(asyncio.run(main()))
