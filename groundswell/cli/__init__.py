"""The command line: one file a group; a command reads arguments, calls one use case, and shows the result."""
