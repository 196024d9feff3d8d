"""One file a source, found by its name.

A file source offers `NAME`, `recognises(document)` and `observations(document, reading, position)`. A site source
offers `NAME`, `first_tasks(thread)` and `fetch(task, session, reading)`; see `collector.source`.
"""
