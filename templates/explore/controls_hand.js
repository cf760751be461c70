/* What a person does, one after the other: every change of the model goes through here, and can be undone. */
class Hand {
  static LONGEST = 500;

  constructor(model) {
    this.model = model;
    this.mark = model.language.mark;
    this.inputs = new Map(model.inputs.map((input) => [input.id, input]));
    this.sizes = new Map();
    this.past = [];
    this.future = [];
    this.gesture = null;
    this.watchers = [];
    this.choosers = [];
    this.chosen = null;
  }

  /* What the page is about has the name that it has in the text: E, or f of a circuit. */
  get error() { return this.model.errorName || this.model.words.error; }
  say(key, places = {}) { return Parts.fill(this.model.words[key] || key, { error: this.error, ...places }); }
  shown(text) { return Parts.shown(text, this.mark); }
  /* A printed number with the sign that says when it is rounded. */
  printed({ text, exact }) { return (exact ? "" : "≈\u00a0") + this.shown(text); }
  /* The same behind a name. */
  related({ text, exact }) { return `${exact ? "=" : "≈"}\u00a0${this.shown(text)}`; }
  name(id) { return this.inputs.get(id).name; }
  value(id) { return this.model.value(id).text; }
  isMoved(id) {
    const [now, start] = [this.value(id), this.model.start(id)];
    return now !== start && Parts.difference(now, start) !== "0";
  }

  /* Told after each change of what can be undone. */
  watch(told) { this.watchers.push(told); }
  /* Told of the quantity that a person looks at. */
  onChoice(told) { this.choosers.push(told); }
  choose(id) {
    if (this.chosen === id || !this.inputs.has(id)) return;
    this.chosen = id;
    this.choosers.forEach((told) => told(id));
  }

  /* How large the number is that steps and sliders go by: as at the start, or as large as it ever became. */
  size(id) {
    const [start, now] = [this.model.start(id), this.value(id)].map(Parts.float);
    const size = Math.max(this.sizes.get(id) || 0, Math.abs(start));
    if (Math.abs(now - start) > this.reach(id, size)) this.sizes.set(id, Math.abs(now - start));
    return this.sizes.get(id) || size;
  }
  step(id) { return Parts.stepOf(this.size(id)); }
  /* How far from its start a number is moved with a slider. */
  reach(id, size = this.size(id)) {
    const twice = Hand.roundUp(2 * size);
    if (this.inputs.get(id).kind === "rate") return twice || 1;
    return size > 0 && size < 0.001 ? Hand.roundUp(10 * size) : Math.max(1, twice);
  }
  /* The next of 1, 2, 5, 10, 20 … */
  static roundUp(value) {
    if (!(value > 0) || value === Infinity) return 0;
    const ten = 10 ** Math.floor(Math.log10(value));
    return [1, 2, 5, 10].map((digit) => Number((digit * ten).toPrecision(1))).find((round) => round >= value * (1 - 1e-9)) || 10 * ten;
  }

  /* Does something that changes the model. All that belongs to one gesture is undone as one. */
  act(change, gesture = null) {
    const isJoined = gesture !== null && gesture === this.gesture;
    const before = isJoined ? null : this.model.state();
    const why = change(this.model) || null;
    if (why) return why;
    if (!isJoined) this.past.push(before);
    if (this.past.length > Hand.LONGEST) this.past.shift();
    this.future = [];
    this.gesture = gesture;
    this.tell();
    return null;
  }
  /* Sets a quantity; null, or the sentence that says why it cannot be that. */
  set(id, text, gesture) {
    if (text === this.value(id) && this.model.value(id).exact) {
      this.model.cancel(id);
      return null;
    }
    const wrong = this.act((model) => model.change({ [id]: text }), gesture);
    return wrong && wrong.why;
  }
  /* Moves a quantity by so many steps; Shift and Alt make them larger and smaller. */
  nudge(id, count, event, gesture) {
    const tens = (event.shiftKey ? 1 : 0) - (event.altKey ? 1 : 0);
    return this.set(id, Parts.stepped(this.value(id), this.step(id), count, tens), gesture);
  }
  toStart(id) { return this.set(id, this.model.start(id)); }
  reset() {
    const { values, steps } = this.model.state();
    return steps || Object.keys(values).length ? this.act((model) => model.reset()) : null;
  }
  /* Another state of the whole: from an address. */
  restore(state) { return this.act((model) => model.restore(state)); }

  undo() { return this.turn(this.past, this.future); }
  redo() { return this.turn(this.future, this.past); }
  turn(from, to) {
    if (!from.length) return null;
    const now = this.model.state();
    const why = this.model.restore(from[from.length - 1]);
    if (why) return why;
    from.pop();
    to.push(now);
    this.gesture = null;
    this.tell();
    return null;
  }
  /* What comes next is a gesture of its own. */
  rest() { this.gesture = null; }
  tell() { this.watchers.forEach((told) => told()); }
}

/* How many steps an arrow key asks for; 0 for all other keys. */
function stepsOfKey(event) {
  if (event.ctrlKey || event.metaKey) return 0;
  return { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[event.key] || 0;
}
