"""A handout of each activation, its weights with 16 digits, against that of tanh: no fraction may grow without end."""

import random
import sys
import time

import derive


def seconds(activation: str, sizes: tuple[int, int, int] = (2, 8, 1), samples: int = 10) -> float:
    """Return the time to derive such a network and to write its handout as Markdown."""
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
    seconds("tanh")  # what is made once
    base = seconds("tanh")
    for activation in sorted(derive.ACTIVATIONS):
        took = seconds(activation)
        sys.stdout.write(f"{activation:12} {took:6.2f} s {took / base:5.1f}\n")


if __name__ == "__main__":
    main()
