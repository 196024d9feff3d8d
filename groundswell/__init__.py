"""The application: command line, review app, settings and study. Knows everything; nothing knows it."""
