"""A handout of each activation, its weights with 16 digits, against that of tanh: no fraction may grow without end."""

import random
import time

from measuring import line, options

import derive


def seconds(activation: str, sizes: tuple[int, int, int], samples: int) -> float:
    """Return the processor's time to derive such a network and to write its handout as Markdown."""
    draw = random.Random(1)

    def numbers(count: int) -> list[float]:
        return [draw.uniform(-1, 1) for _ in range(count)]

    inputs, hidden, outputs = sizes
    layers = [
        derive.Layer([numbers(inputs) for _ in range(hidden)], numbers(hidden), activation=activation),
        derive.Layer([numbers(hidden) for _ in range(outputs)], numbers(outputs), activation=activation),
    ]
    network = derive.Network(layers, [derive.Sample(numbers(inputs), numbers(outputs)) for _ in range(samples)])
    start = time.process_time()
    network.derive().handout().render("md")
    return time.process_time() - start


def main() -> None:
    """Print each activation's time and how many times as long as tanh's it is."""
    size, samples = ((1, 1, 1), 1) if options(__doc__).parse_args().quick else ((2, 8, 1), 10)
    seconds("tanh", size, samples)  # what is made once
    base = seconds("tanh", size, samples)
    for activation in sorted(derive.ACTIVATIONS):
        took = seconds(activation, size, samples)
        line(f"{activation}: {took:.2f} s, over tanh", took / base)


if __name__ == "__main__":
    main()
