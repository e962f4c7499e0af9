"""Texts with a tag before each field, as reference managers and databases export them.
One reader of tagged lines; a table (.toml) a dialect says which tags there are, what they mean.
No cleaning of what a field holds, and nothing of formats that have no tags.
"""
