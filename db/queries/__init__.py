"""All SQL of the project: one module a topic, one function a question."""
