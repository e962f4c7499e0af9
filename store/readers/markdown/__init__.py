"""Markdown: notes with front matter, and lists of papers under headings.
What a document is made of is told by markdown-it, which textual brings along.
Nothing of HTML pages and of how Markdown is shown.
"""
