"""The formats: each file here turns the article, or the evaluation, into one of them."""
