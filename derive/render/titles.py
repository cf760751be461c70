"""What stands above what is printed of a computation: its title, or what it computes where it has none."""

from derive.errors import Message
from derive.evaluation.evaluation import Evaluation
from derive.language.language import Language
from derive.notation.names import name_text


def title(evaluation: Evaluation, language: Language) -> str:
    """Return the title in the language.

    >>> import derive
    >>> from derive.language.language import ENGLISH
    >>> title(derive.load("article").derive().evaluation, ENGLISH)
    'A step by step example'
    """
    computation = evaluation.computation
    if computation.title:
        return language.say(Message(computation.title))
    if not computation.objective:
        return language.say(Message("A forward pass"))
    return language.say(Message("The computation of {name}", {"name": name_text(computation.whole_objective_name)}))
