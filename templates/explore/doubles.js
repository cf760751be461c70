/* The numbers of the page as doubles, for a curve: quick, and not certain. */
class Doubles {
  constructor(program, target) {
    const needed = program.needed(target);
    this.program = program;
    this.order = Array.from(needed.keys()).filter((register) => needed[register]);
    this.target = target;
  }

  value(given) {
    const values = [], { operations } = this.program;
    for (const register of this.order) {
      const { name, taken } = operations[register];
      values[register] = IN_DOUBLES[name](taken, (place) => values[taken[place]], given);
    }
    return values[this.target];
  }
}

const FUNCTIONS = {
  exp: Math.exp, log: Math.log, log1p: Math.log1p, sin: Math.sin, cos: Math.cos, tan: Math.tan, sinh: Math.sinh,
  cosh: Math.cosh, tanh: Math.tanh, abs: Math.abs, sign: Math.sign, sqrt: Math.sqrt,
  erf: (x) => Numbers.at(64, () => Numbers.nearestFloat(Numbers.apply("erf", Numbers.read(String(x))))),
  erfc: (x) => Numbers.at(64, () => Numbers.nearestFloat(Numbers.apply("erfc", Numbers.read(String(x))))),
};

function quotient(text) {
  const [above, below = "1"] = text.split("/");
  return Number(above) / Number(below);
}

const IN_DOUBLES = {
  given: ([place], _, given) => given[place],
  constant: ([text]) => quotient(text),
  pi: () => Math.PI,
  add: (_, at) => at(0) + at(1),
  sub: (_, at) => at(0) - at(1),
  mul: (_, at) => at(0) * at(1),
  div: (_, at) => at(0) / at(1),
  neg: (_, at) => -at(0),
  power: ([, exponent], at) => at(0) ** exponent,
  raised: (_, at) => at(0) ** at(1),
  broken: ([, above, below], at) => at(0) ** (above / below),
  apply: ([, name], at) => FUNCTIONS[name](at(0)),
  larger: (_, at) => Math.max(at(0), at(1)),
  carried: (_, at) => at(0),
  printed: () => NaN,  // no error is made of printed numbers
  above: (_, at) => at(0) > 0,
  below: (_, at) => at(0) < 0,
  least: (_, at) => at(0) >= 0,
  most: (_, at) => at(0) <= 0,
  both: (_, at) => at(0) && at(1),
  either: (_, at) => at(0) || at(1),
  not: (_, at) => !at(0),
  choose: (_, at) => (at(0) ? at(1) : at(2)),
};
