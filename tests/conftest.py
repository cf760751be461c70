"""What several tests need."""

import dataclasses

import pytest

import derive


@pytest.fixture(scope="session")
def article():
    """The derivation of the article's network."""
    return derive.load("article").derive()


@pytest.fixture(scope="session")
def sequential():
    """The same, the hidden layer seeing the updated weights."""
    return dataclasses.replace(derive.load("article"), updates="sequential").derive()


@pytest.fixture(scope="session")
def written(article, tmp_path_factory):
    """The article's handout in every format: the folder."""
    folder = tmp_path_factory.mktemp("handout")
    article.handout().write(folder, name="article")
    return folder
