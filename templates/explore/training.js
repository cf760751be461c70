/* The training from some given numbers, step by step at one precision; where that leaves a digit open, all of it again
   with twice the bits. It is done in parts, as it may take long. */
const MOST_TRAINING_BITS = 16384, MOST_TIME = 20000;

class Run {
  constructor(model, numbers, start) {
    Object.assign(this, { model, numbers, start, found: new Map(), bits: START_BITS, begun: performance.now() });
    this.wanted = new Map();
    for (const number of numbers) {
      const { after } = model.program.numbers[number];
      this.wanted.set(after, [...(this.wanted.get(after) || []), number]);
    }
    this.last = Math.max(...this.wanted.keys());
    this.begin();
  }

  begin() {
    Object.assign(this, { step: 0, given: this.start(this.bits), open: [] });
    this.read();
  }

  /* Go on until a time; whether all is done. */
  goOn(until) {
    while (this.step < this.last) {
      if (performance.now() > until) return performance.now() - this.begun > MOST_TIME ? this.end() : false;
      try {
        this.given = this.model.stepped(this.given, this.bits);
      } catch (error) {  // from here on there is nothing
        return this.end();
      }
      this.step++;
      this.read();
    }
    if (!this.open.length) return true;
    if (this.bits >= MOST_TRAINING_BITS) return this.end();
    this.bits *= 2;
    this.begin();
    return false;
  }

  read() {
    const numbers = this.wanted.get(this.step) || [];
    if (!numbers.length) return;
    const { program } = this.model, calculation = new Calculation(program, this.bits, this.given, () => ({ text: "0" }));
    for (const number of numbers) {
      if (this.found.has(number)) continue;
      const { register, digits } = program.numbers[number], value = calculation.value(register);
      try {
        if (value instanceof Failure) throw value.error;
        const { text, exact } = Numbers.at(this.bits, () => Numbers.print(value, digits, null));
        this.found.set(number, { text, exact, isMarked: false, isCertain: true });
      } catch (error) {
        this.open.push(number);
      }
    }
  }

  /* What is not known by now is not known. */
  end() {
    for (const number of this.numbers) if (!this.found.has(number)) this.found.set(number, null);
    return true;
  }
}
