"""Languages: messages, numbers as a language writes them, templates and styles."""
