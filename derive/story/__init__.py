"""Which lines a handout has, in which order and with which words: Markdown, its blocks, figures, the page."""
