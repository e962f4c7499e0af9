"""Warm searches with llm's own Python interface: `Collection.similar`."""

import asyncio

import llm
import sqlite_utils
from driving import job, said, searched

verb, folder, task = job()
collection = llm.Collection("papers", sqlite_utils.Database(folder / "embeddings.db"))


async def search(text, limit):
    return [one.id for one in collection.similar(text, number=limit)]


said(asyncio.run(searched(task, search)))
