"""Equations that need each other: the way from one of them back to itself."""

from collections.abc import Collection, Iterable, Mapping

ARROW = " → "


def cycle(name: str, used: str, needs: Mapping[str, Iterable[str]], ends: Collection[str] = ()) -> list[str]:
    """Return the shortest way from a quantity through one that its equation uses and back; empty where there is none.

    ``needs`` is, by quantity, what its equation uses; ``ends`` are those that the same equation defines as well.

    >>> cycle("f", "g", {"f": ["g", "x"], "g": ["h"], "h": ["f"]})
    ['f', 'g', 'h', 'f']
    >>> cycle("f", "g", {"f": ["g"], "g": ["x"]})
    []
    >>> cycle("p", "f", {"f": ["q"]}, ends=["p", "q"])
    ['q', 'f', 'q']
    """
    before: dict[str, str] = {used: name}
    waiting = [used]
    for each in waiting:
        if each == name or each in ends:
            path = [each]
            while len(path) == 1 or path[-1] != name:
                path.append(before[path[-1]])
            return [each, *path[-2::-1]]
        for needed in needs.get(each, ()):
            if needed not in before:
                before[needed] = each
                waiting.append(needed)
    return []
