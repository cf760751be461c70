/* The numbers that may be changed, what follows from them, and who is told. */

const MOST_TOLD = 40;  // signs of what was typed, in a sentence on it

/* The data as it is read, whose tables came as columns. */
function withRows(data) {
  const [names, inputs] = data.inputs;
  return {
    ...data, operations: rows(data.operations), numbers: rows(data.numbers), step: rows(data.step), of: new Map(rows(data.of)),
    shown: rows(data.shown).flat(), slots: rows(data.slots).map((slot) => slot.filter((each) => each >= 0)),
    inputs: rows(inputs).map((row) => Object.fromEntries(row.map((each, place) => [names[place], each]))),
  };
}

class Model {
  constructor(data) {
    this.data = data = withRows(data);
    this.program = new Program(data);
    this.inputs = data.inputs;
    this.byId = new Map(data.inputs.map((input) => [input.id, input]));
    this.words = data.words;
    this.language = data.language;
    this.listeners = [];
    this.texts = new Map(data.inputs.map(({ id, value }) => [id, value]));
    this.steps = 0;
    this.waiting = new Map();
    this.inShares = new Set(data.shares.flat());
    this.inText = () => [];
    this.read = new Map();
    this.moved = new Set(data.step.map(([place]) => place));  // what a step of the optimizer changes
    this.numbers = this.valuesOf(this.texts, 0);
  }

  /* The values that belong to texts of the inputs and so many steps from there. */
  valuesOf(texts, steps) {
    const chains = new Map();
    const start = (bits) => {
      if (!chains.has(bits)) chains.set(bits, [this.given(texts)]);
      const chain = chains.get(bits);
      while (chain.length <= steps) chain.push(this.stepped(chain[chain.length - 1], bits));
      return chain[steps];
    };
    return new Values(this.program, start);
  }

  given(texts) {
    const found = new Array(this.data.given).fill(Numbers.read("0"));
    for (const { id, place } of this.inputs) found[place] = this.known(id, texts.get(id));
    return found;
  }

  /* The value of an input's text: of nearly all inputs it is the one of before. */
  known(id, text) {
    const before = this.read.get(id);
    if (before && before.text === text) return before.value;
    const value = Numbers.read(text);
    this.read.set(id, { text, value });
    return value;
  }

  /* The given numbers after a step of the optimizer. */
  stepped(given, bits) {
    const calculation = new Calculation(this.program, bits, given, () => ({ text: "0" })), next = given.slice();
    for (const [place, register] of this.data.step) {
      const value = calculation.value(register);
      if (value instanceof Failure) throw value.error;
      next[place] = this.program.rounding
        ? Numbers.at(bits, () => Numbers.carried(value, this.program.rounding)) : value;
    }
    return next;
  }

  /* Everything that changes where these inputs do, or all that a step changes. */
  reached(ids, isStep) {
    const places = new Set(ids.map((id) => this.byId.get(id).place));
    if (isStep) for (const place of this.moved) places.add(place);
    return this.program.reached(places);
  }

  /* Take other numbers, unless something has no value with them: then say why. */
  take(texts, steps, ids, isStep) {
    const found = this.valuesOf(texts, steps);
    found.keep(this.numbers, this.reached(ids, isStep));
    const why = this.lacking(texts, found);
    if (why) return why;
    Object.assign(this, { numbers: found, texts, steps });
    for (const listener of this.listeners) listener({ ids });
    return null;
  }

  /* Why there is no page with these numbers. */
  lacking(texts, values) {
    for (const ids of this.data.shares) {
      const sum = ids.map((id) => Numbers.read(texts.get(id))).reduce((left, right) => Numbers.add(left, right));
      if (Numbers.sign(Numbers.sub(sum, Numbers.read("1")))) {
        const names = ids.map((id) => this.byId.get(id).name).join(", ");
        return this.words.shares.replace("{names}", names).replace("{sum}", Numbers.print(sum, 9, null).text);
      }
    }
    const calculation = values.at(START_BITS);
    for (const number of this.data.shown) {
      const found = calculation.value(this.program.numbers[number].register);
      if (!(found instanceof Failure)) continue;
      const known = found.error instanceof Numbers.Undecided ? values.number(number) : found;
      if (known instanceof Failure) return this.reason(known.error);
    }
    return null;
  }

  reason(error) {
    if (error instanceof Numbers.DivisionByZero) return this.words.division;
    if (error instanceof Numbers.OutsideDomain) return this.words.domain;
    return this.words.size;
  }

  change(values) {
    const texts = new Map(this.settledTexts()), ids = Object.keys(values);
    for (const id of ids) {
      const why = this.put(texts, id, values[id]);
      if (why) return { id, why };
    }
    // Numbers that are right together alone wait for each other.
    const isShare = ids.some((id) => this.inShares.has(id));
    for (const [id, plain] of isShare ? this.waiting : []) if (!ids.includes(id)) ids.push(id), texts.set(id, plain);
    const changed = this.steps ? this.inputs.map(({ id }) => id) : ids.filter((id) => texts.get(id) !== this.texts.get(id));
    if (!changed.length) return null;
    const why = this.take(texts, 0, changed, this.steps > 0);
    if (!isShare) return why && { id: ids[0], why };
    this.waiting = new Map(why ? ids.filter((id) => this.inShares.has(id)).map((id) => [id, texts.get(id)]) : []);
    return why && { id: ids[0], why: `${why} ${this.words.waits}` };
  }

  /* Put what is typed for an input into the texts, or say why it cannot be. */
  put(texts, id, text) {
    const input = this.byId.get(id);
    if (!input) return this.words.unknown.replace("{name}", id.slice(0, MOST_TOLD));
    const plain = this.plain(input, text);
    if (plain === null) return this.words.number.replace("{found}", String(text).slice(0, MOST_TOLD));
    if (plain !== input.value && !isSensible(plain)) return this.words.size;
    texts.set(id, plain);
    return this.unfit(input, plain);
  }

  /* Why a number does not fit what it is to be: a learning rate, or a target that the error takes. */
  unfit({ kind, takes }, plain) {
    const value = Numbers.read(plain), size = (text) => Numbers.sign(Numbers.sub(value, Numbers.read(text)));
    if (kind === "rate") return size("0") < 0 ? this.words.rate : null;
    if (takes === "sign") return size("1") && size("-1") ? this.words.target_sign : null;
    if (takes === "any") return null;
    return size("0") < 0 || size("1") > 0 ? this.words.target_share : null;
  }

  /* A number that waits for others does so no longer. */
  cancel(id) {
    this.waiting.delete(id);
  }

  /* What is typed for an input as a decimal; its start may be a fraction, which is taken as it stands. */
  plain(input, text) {
    return text === input.value ? text : typed(String(text), this.language.mark);
  }

  /* The texts of the inputs as they are now: after steps, of those that these changed, so many digits. */
  settledTexts() {
    if (!this.steps) return this.texts;
    const digits = { digits: KEPT_DIGITS, significant: true };
    return new Map(this.inputs.map(({ id, place, register }) => {
      if (!this.moved.has(place)) return [id, this.texts.get(id)];
      const found = this.numbers.decide(register, (value) => Numbers.print(value, KEPT_DIGITS, digits));
      return [id, found.text];
    }));
  }

  /* A number of a training that is being calculated; undefined as long as it is not known, null where it has no value. */
  trained(number) {
    return this.run && this.run.found.get(number);
  }

  get canStep() {
    return this.data.step.length > 0;
  }

  step() {
    return this.take(this.texts, this.steps + 1, [], true);
  }

  back() {
    return this.steps ? this.take(this.texts, this.steps - 1, [], true) : null;
  }

  reset() {
    const texts = new Map(this.inputs.map(({ id, value }) => [id, value]));
    this.waiting = new Map();
    this.take(texts, 0, this.inputs.map(({ id }) => id), true);
  }

  state() {
    const values = {};
    for (const { id, value } of this.inputs) if (this.texts.get(id) !== value) values[id] = this.texts.get(id);
    return { values, steps: this.steps };
  }

  restore({ values = {}, steps = 0 }) {
    const texts = new Map(this.inputs.map(({ id, value }) => [id, value]));
    for (const [id, text] of Object.entries(values)) {
      const why = this.put(texts, id, text);
      if (why) return why;
    }
    if (!Number.isInteger(steps) || steps < 0 || steps > this.data.most_steps || (steps && !this.canStep)) {
      return this.words.steps_out.replace("{most}", this.data.most_steps);
    }
    this.waiting = new Map();
    return this.take(texts, steps, this.inputs.map(({ id }) => id), true);
  }

  subscribe(listener) {
    this.listeners.push(listener);
  }

  /* The present value of an input: as it was typed, or after steps with the page's decimals. */
  value(id) {
    const { place, number } = this.byId.get(id);
    if (this.steps && this.moved.has(place)) {
      const { text, exact } = this.numbers.number(number);
      return { text, exact };
    }
    return { text: this.texts.get(id), exact: true };
  }

  start(id) {
    return this.byId.get(id).value;
  }

  quantity(number) {
    if (number === undefined || number === null) return null;
    const found = this.numbers.number(number);
    if (found instanceof Failure) return null;
    return { text: found.text, exact: found.exact, float: this.numbers.float(this.program.numbers[number].register) };
  }

  get errorName() {
    return this.data.error_name;
  }

  get errorMath() {
    return this.data.error_math;
  }

  error() {
    return this.quantity(this.data.error);
  }

  derivative(id) {
    return this.quantity(this.byId.get(id).derivative);
  }

  curve(id, xs) {
    const { error } = this.data, found = new Float64Array(xs.length).fill(NaN);
    if (error === null) return found;
    this.doubles = this.doubles || new Doubles(this.program, this.program.numbers[error].register);
    const given = this.numbers.start(START_BITS).map((value) => Numbers.at(START_BITS, () => Numbers.nearestFloat(value)));
    xs.forEach((x, index) => {
      given[this.byId.get(id).place] = x;
      found[index] = this.doubles.value(given);
    });
    return found;
  }

  /* The training from the present numbers, for those of its numbers that the page shows. */
  training(numbers) {
    const values = this.numbers;
    return new Run(this, numbers, (bits) => values.start(bits));
  }

  /* Whether there is a file that says what the page is about. */
  get hasFile() {
    return this.data.toml !== null;
  }

  /* The file with the present numbers; null where there is none. */
  toml() {
    if (!this.hasFile) return null;
    const texts = this.settledTexts();
    return this.data.toml.map((piece) => (typeof piece === "string" ? piece : inFile(texts.get(piece[0])))).join("");
  }

  /* Whether a fact holds with the present numbers. */
  holds(fact) {
    const [name, ...taken] = this.data.facts[fact], float = (register) => this.numbers.float(register);
    const text = (number) => this.numbers.number(number).text;
    switch (name) {
      case "all": return taken.every((each) => this.holds(each));
      case "any": return taken.some((each) => this.holds(each));
      case "not": return !this.holds(taken[0]);
      case "less": return float(taken[0]) < float(taken[1]);
      case "positive": return float(taken[0]) > 0;
      case "moves": return float(taken[0]) !== 0;
      case "same": return text(taken[0]) === text(taken[1]);
      case "close": return Math.abs(float(taken[0]) - float(taken[1])) <= 0.05 * Math.abs(float(taken[1]));
      case "equal": return float(taken[0]) === float(taken[1]);
      case "within": return Math.abs(float(taken[0])) < 1;
      case "beyond": return Math.abs(float(taken[0])) > 1;
      case "largest": return this.largest(taken.slice(1)) === taken[0];
      case "start": return this.isAtStart;
      case "exact": return this.numbers.number(taken[0]).exact;
      case "zero": return this.isZero(taken[0]);
      default: return this.shows(name, taken);
    }
  }

  /* The place of the number that is largest in size, -1 where there are several. */
  largest(registers) {
    const sizes = registers.map((register) => Math.abs(this.numbers.float(register))), most = Math.max(...sizes);
    return sizes.filter((size) => size === most).length === 1 ? sizes.indexOf(most) : -1;
  }

  get isAtStart() {
    return !this.steps && this.inputs.every(({ id, value }) => this.texts.get(id) === value);
  }

  isZero(register) {
    const found = this.numbers.decide(register, (value) => Numbers.sign(value));
    return found === 0;
  }

  /* Whether a fact is about all numbers of the text. */
  isOfText(fact) {
    const [name, ...taken] = this.data.facts[fact];
    if (["all", "any", "not"].includes(name)) return taken.some((each) => this.isOfText(each));
    return ["marked", "power", "lost", "rounded", "told"].includes(name);
  }

  /* Whether any number of the text has a mark, a power of ten, no digit but 0, or stands behind ≈. */
  shows(name, [zero]) {
    if (name === "told") return this.isTold(zero);
    for (const [kind, , ...numbers] of this.inText()) {
      const isTrained = kind === TRAINED, isNumber = isTrained || kind === NUMBER;
      const found = numbers.map((number) => (isTrained ? this.trained(number) : this.numbers.number(number)));
      if (!found[0]) continue;  // of the training, and not known
      if (name === "rounded" ? kind >= RELATION && found.some(({ exact }) => !exact)
        : isNumber && this.has(name, found[0], zero)) return true;
    }
    return false;
  }

  /* Whether a number of the training is exact, or certain. */
  isTold(sure) {
    for (const [kind, , number] of this.inText()) {
      const found = kind === TRAINED && this.trained(number);
      if (found && (sure === "exact" ? found.exact : !found.exact && found.isCertain)) return true;
    }
    return false;
  }

  has(name, { text, isMarked }, zero) {
    if (name === "marked") return isMarked;
    return name === "power" ? text.includes("e") : text === zero || text === `-${zero}`;
  }
}
