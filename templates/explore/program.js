/* The derivation's own calculation with other numbers: a list of operations, each of which leaves its result in the
   register of its number. It is read, not run: nothing of it becomes code.

   A calculation is made at one precision; where a ball leaves something open, it is made again with twice the bits, as
   far as it is needed. What has no value (a division by 0) is a Failure, which spreads to what is made of it. */
const START_BITS = 128, MOST_BITS = 4096;

class Failure {
  constructor(error) {
    this.error = error;
  }
}

/* The rows of a table that came as its columns, each whole number as how far it is from the one above. */
function rows(columns) {
  const above = columns.map(() => 0);
  return (columns[0] || []).map((_, row) => columns.map((column, place) => (
    typeof column[row] === "number" ? (above[place] += column[row]) : column[row])));
}

/* The operations, what each takes, and in which order numbers depend on each other. */
class Program {
  constructor(data) {
    this.operations = data.operations.map(([code, ...taken], register) => {
      const [name, count] = data.names[code];  // registers come first, as how far before this one they are
      return { name, count, taken: taken.map((each, place) => (place < count ? register - each : each)) };
    });
    this.size = this.operations.length;
    this.numbers = data.numbers.map(([register, digits, byHand, style, again, digitsAgain, result, after]) => (
      { register, digits, byHand: Boolean(byHand), style, again, digitsAgain, result, after }));
    this.sources = this.operations.map(({ name, count, taken }) =>
      name === "printed" ? [this.numbers[taken[0]].register] : taken.slice(0, count));
    this.rounding = data.rounding && { digits: data.rounding[0], significant: Boolean(data.rounding[1]) };
  }

  /* Which registers change where the given numbers of these places do: a byte for each register. */
  reached(places) {
    const found = new Uint8Array(this.size);
    for (let register = 0; register < this.size; register++) {
      const { name, taken } = this.operations[register];
      if (name === "given" ? places.has(taken[0]) : this.sources[register].some((source) => found[source])) {
        found[register] = 1;
      }
    }
    return found;
  }

  /* Which registers a register is made of, itself among them. */
  needed(register) {
    const found = new Uint8Array(this.size);
    found[register] = 1;
    for (let place = register; place >= 0; place--) {
      if (found[place]) for (const source of this.sources[place]) found[source] = 1;
    }
    return found;
  }
}

/* The values of all registers at one precision, each made when it is first asked for. */
class Calculation {
  constructor(program, bits, given, text) {
    Object.assign(this, { program, bits, given, text, values: new Array(program.size) });
  }

  value(register) {
    if (this.values[register] === undefined) Numbers.at(this.bits, () => this.make(register));
    return this.values[register];
  }

  make(register) {
    const open = [register], { sources } = this.program;
    while (open.length) {
      const next = open[open.length - 1], before = open.length;
      if (this.values[next] === undefined) {
        for (const source of sources[next]) if (this.values[source] === undefined) open.push(source);
        if (open.length > before) continue;
        this.values[next] = this.made(this.program.operations[next]);
      }
      open.pop();
    }
  }

  made({ name, count, taken }) {
    const at = (place) => this.values[taken[place]];
    if (name === "choose") return at(0) instanceof Failure ? at(0) : at(0) ? at(1) : at(2);
    if (name === "both" || name === "either") {  // the second is not asked where the first decides
      return at(0) instanceof Failure || at(0) === (name === "either") ? at(0) : at(1);
    }
    for (let place = 0; place < count; place++) if (at(place) instanceof Failure) return at(place);
    try {
      return OPERATIONS[name](this, taken, at);
    } catch (error) {
      return new Failure(error);
    }
  }
}

/* What each operation makes. */
const OPERATIONS = {
  given: (calculation, [place]) => calculation.given[place],
  constant: (_, [text]) => Numbers.read(text),
  pi: () => Numbers.pi(),
  add: (_, __, at) => Numbers.add(at(0), at(1)),
  sub: (_, __, at) => Numbers.sub(at(0), at(1)),
  mul: (_, __, at) => Numbers.mul(at(0), at(1)),
  div: (_, __, at) => Numbers.div(at(0), at(1)),
  neg: (_, __, at) => Numbers.neg(at(0)),
  power: (_, [, exponent], at) => Numbers.power(at(0), exponent),
  raised: (_, __, at) => Numbers.power(at(0), Numbers.nearestFloat(at(1))),  // a whole number, such as that of the steps
  broken: (_, [, above, below], at) => Numbers.broken(at(0), above, below),
  apply: (_, [, name], at) => Numbers.apply(name, at(0)),
  larger: (_, __, at) => Numbers.larger(at(0), at(1)),
  carried: (_, [, digits, significant], at) => Numbers.carried(at(0), { digits, significant: Boolean(significant) }),
  printed: (calculation, [number]) => Numbers.asPrinted(calculation.text(number)),
  above: (_, __, at) => Numbers.sign(at(0)) > 0,
  below: (_, __, at) => Numbers.sign(at(0)) < 0,
  least: (_, __, at) => Numbers.sign(at(0)) >= 0,
  most: (_, __, at) => Numbers.sign(at(0)) <= 0,
  not: (_, __, at) => !at(0),
};

/* All values that belong to some given numbers: calculations at more and more bits, and the numbers as printed.

   ``start(bits)`` gives the given numbers, in the order of their places, at so many bits. */
class Values {
  constructor(program, start) {
    Object.assign(this, { program, start, calculations: new Map(), printed: new Array(program.numbers.length) });
  }

  /* Take over from other values what does not change. */
  keep(before, reached) {
    const { numbers } = this.program;
    numbers.forEach(({ register, again, after }, number) => {
      if (!after && !reached[register] && (again < 0 || !reached[again])) this.printed[number] = before.printed[number];
    });
    const old = before.calculations.get(START_BITS);
    if (!old) return;
    const { values } = this.at(START_BITS);
    for (let register = 0; register < values.length; register++) {
      if (!reached[register]) values[register] = old.values[register];
    }
  }

  at(bits) {
    if (!this.calculations.has(bits)) {
      const calculation = new Calculation(this.program, bits, this.start(bits), (number) => this.number(number).text);
      this.calculations.set(bits, calculation);
    }
    return this.calculations.get(bits);
  }

  /* What a question about the value of a register is answered, at the first precision that decides it; a Failure where
     the value does not exist, ``null`` where no precision decides. */
  decide(register, question) {
    for (let bits = START_BITS; bits <= MOST_BITS; bits *= 2) {
      const value = this.at(bits).value(register);
      if (value instanceof Failure) {
        if (value.error instanceof Numbers.Undecided) continue;
        return value;
      }
      try {
        return Numbers.at(bits, () => question(value));
      } catch (error) {
        if (!(error instanceof Numbers.Undecided)) return new Failure(error);
      }
    }
    return null;
  }

  /* A number as it is printed: text with a decimal point, whether it is exact, marked, and certain; or a Failure. */
  number(place) {
    if (this.printed[place] === undefined) this.printed[place] = this.print(this.program.numbers[place]);
    return this.printed[place];
  }

  print(number) {
    const own = this.written(number.register, number);
    if (number.result === 0 || own instanceof Failure) return own;
    const compared = { ...number, digits: number.digitsAgain };
    const known = number.digits === number.digitsAgain ? own : this.written(number.register, compared);
    const again = this.written(number.again, { ...compared, byHand: Boolean(this.program.rounding) });
    const isKnown = !(again instanceof Failure) && again.isCertain;
    const isMarked = !isKnown || !Numbers.same(again.text, known.text);
    const shown = number.result === 2 && isKnown ? again : own;
    return { ...shown, isMarked };
  }

  written(register, { digits, byHand, style }) {
    const rounding = byHand ? this.program.rounding : null;
    const write = (value) => STYLES[style](value, digits, rounding);
    const found = this.decide(register, write);
    if (found instanceof Failure) return found;
    if (found === null) return { text: String(this.float(register)), exact: false, isMarked: false, isCertain: false };
    return { text: found.text, exact: found.exact, isMarked: false, isCertain: true };
  }

  /* The double next to a value, NaN where it has none. */
  float(register) {
    const found = this.decide(register, Numbers.nearestFloat);
    return found === null || found instanceof Failure ? NaN : found;
  }
}

/* How a number is written: with its decimals; in a matrix, where one with a power of ten has four digits; in a drawing. */
const STYLES = [
  (value, digits, rounding) => Numbers.print(value, digits, rounding),
  (value, digits, rounding) => {
    const found = Numbers.print(value, digits, rounding);
    return rounding === null && found.text.includes("e-") ? Numbers.print(value, 3, null) : found;
  },
  (value, digits, rounding) => inDrawing(value, digits, rounding),
];

/* As story/figures.py `four_digits`; it is exact where the drawing shows all its digits, and no power of ten. */
function inDrawing(value, digits, rounding) {
  const isLarge = Math.abs(Numbers.nearestFloat(Numbers.carried(value, rounding))) >= 0.1;
  let { text } = Numbers.print(value, isLarge ? Math.min(digits, 4) : rounding ? digits : 3, rounding);
  if (!isLarge) {
    if (rounding) text = shortened(text);
    const power = Number(text.split("e")[1] || 0);
    if (power < 0 && power >= -4) text = writtenOut(text);
  }
  const whole = Numbers.print(value, 20, rounding);
  return { text, exact: whole.exact && !text.includes("e") && Numbers.same(whole.text, text) };
}

/* A decimal with at most four digits that count, zeros at its end among them. */
function shortened(text) {
  const [, minus, whole, decimals = "", power = "0"] = /^(-?)(\d+)(?:\.(\d*))?(?:e(-?\d+))?$/.exec(text);
  const digits = (whole + decimals).replace(/^0+/, "");
  if (digits.length <= 4) return text;
  const kept = String(BigInt(digits.slice(0, 4)) + (digits[4] >= "5" ? 1n : 0n));
  const last = Number(power) - decimals.length + digits.length - 4, first = last + kept.length - 1;
  if (first < -6) return `${minus}${kept[0]}.${kept.slice(1)}e${first}`;
  const padded = kept.padStart(1 - last, "0");
  return `${minus}${padded.slice(0, last)}.${padded.slice(last)}`;
}

/* A number with a negative power of ten, with its zeros instead. */
function writtenOut(text) {
  const [, minus, whole, decimals = "", power] = /^(-?)(\d)(?:\.(\d+))?e-(\d+)$/.exec(text);
  return `${minus}0.${"0".repeat(Number(power) - 1)}${whole}${decimals}`;
}
