"""The formats: each file here turns the article, or the derivation, into one of them."""
