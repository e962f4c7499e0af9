"""Warm searches with quire's own Python interface: `Library.search`."""

import asyncio

from driving import job, lines, said, searched

from assistant import open_library

verb, folder, task = job()
names = {one["title"]: one["id"] for one in lines(task["papers"])}


async def main():
    async with open_library(folder / "library") as library:

        async def search(text, limit):
            found = await library.search(text, limit)
            return [names.get(one.paper.title, one.paper.id) for one in found.hits]

        return await searched(task, search)


said(asyncio.run(main()))
