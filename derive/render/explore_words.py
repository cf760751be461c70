"""The words of the explorable page that its program puts in place, in the reader's language."""

from collections.abc import Mapping

from derive.errors import Message
from derive.language.language import Language

WORDS: Mapping[str, Message] = {
    "title": Message("Change the numbers"),
    "controls": Message("Controls"),
    "error": Message("Error"),
    "steps": Message("Steps: {count}"),
    "bar": Message("Steps and changes"),
    "step": Message("Step"),
    "step_back": Message("Step back"),
    "play": Message("Play"),
    "pause": Message("Pause"),
    "undo": Message("Undo"),
    "redo": Message("Redo"),
    "reset": Message("Reset"),
    "speed": Message("Speed"),
    "per_second": Message("{count} per second"),
    "keys": Message(
        "Drag a number in the text left or right, or use the arrow keys. With Shift the steps are ten times "
        "as large, with Alt ten times as small."
    ),
    "group_rate": Message("Learning rate"),
    "group_parameters": Message("Weights and biases"),
    "group_sample": Message("Sample {sample}: inputs and targets"),
    "group_inputs": Message("Inputs and targets"),
    "show_more": Message("Show more ({count} left)"),
    "filter": Message("Find a quantity"),
    "none_found": Message("No quantity has this name."),
    "move": Message("Move {name}"),
    "change": Message("Change {name}"),
    "to_start": Message("Set {name} back to its start"),
    "start_was": Message("At the start: {value}"),
    "empty": Message("A number is missing here. Write one like {example}."),
    "not_number": Message("“{text}” is not a number. Write one like {example}."),
    "ambiguous": Message("“{text}” can be read in two ways. Write {small} or {large}."),
    "curve_caption": Message("At {name} {value}, the tangent has slope {slope}."),
    "curve_caption_no_slope": Message("At {name} {value}, {error} is {now}."),
    "curve_alt": Message(
        "Curve of {error} as {name} goes from {low} to {high}. At {name} {value}, {error} is {now} and the "
        "tangent has slope {slope}."
    ),
    "curve_alt_no_slope": Message(
        "Curve of {error} as {name} goes from {low} to {high}. At {name} {value}, {error} is {now}."
    ),
    "curve_none": Message("There is no curve of {error} for {name}."),
    "changes": Message("What changed, and by how much"),
    "no_changes": Message("All numbers are as at the start."),
    "more_changes": Message("Other quantities that changed: {count}"),
    "column_quantity": Message("Quantity"),
    "column_start": Message("Start"),
    "column_now": Message("Now"),
    "column_difference": Message("Difference"),
    "error_changed": Message("{error} is now {now}; before, it was {before}."),
    "error_is": Message("{error} is now {now}."),
    "error_gone": Message("With these numbers, {error} cannot be computed."),
    "copy_link": Message("Copy link"),
    "copy_toml": Message("Copy as TOML"),
    "copied_link": Message("The link is copied."),
    "copied_toml": Message("The file is copied."),
    "copy_by_hand": Message("Copy the selected text from here."),
    "bad_address": Message("The numbers in the address of this page could not be read, so nothing was changed."),
    "number": Message("“{found}” is not a number. Write one like {example}."),
    "size": Message("This number is too large, too small or too long for the page."),
    "division": Message("With this number, the calculation divides by 0."),
    "domain": Message("With this number, the calculation takes the logarithm or the root of a number that has none."),
    "rate": Message("A learning rate is 0 or positive."),
    "unknown": Message("This page has no quantity called {name}."),
    "notice_training": Message("The training below is still that of the numbers at the start."),
    "notice_old": Message("This browser is too old to change the numbers of this page."),
    "notice_other": Message(
        "With these numbers, a new handout might choose some sentences, or some terms of long sums, differently; each "
        "number shown is right."
    ),
    "shares": Message(
        "The targets {names} add up to {sum}; the shortcut of this handout needs targets that add up to 1."
    ),
    "waits": Message("Change the others as well; this one waits for them."),
    "target_share": Message("This error takes targets from 0 to 1."),
    "target_sign": Message("This error takes the targets 1 and −1."),
    "steps_out": Message("The number of steps is a whole number from 0 to {most}."),
    "group_quantities": Message("Quantities"),
}


def words_of(language: Language) -> dict[str, str]:
    """Return the words by what they are for; what stands in braces is put in by the page."""
    return {name: language.say(message) for name, message in WORDS.items()}
