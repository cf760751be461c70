"""A network whose title tries everything."""

import derive

HOSTILE = r"<script>alert(1)</script> \input{/etc/passwd} $x$ 100% {{ 7*7 }} {% x %} *a* [b](c) `d` #e &amp; _f_ ~g^ |"


def hostile_derivation():
    return derive.Network(
        layers=[derive.Layer(weights=[[0.5]])], samples=[derive.Sample([1], [0])], title=HOSTILE
    ).derive()
