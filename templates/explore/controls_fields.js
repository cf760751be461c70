/* A number field, a slider and a way back for every quantity, in groups that are built when they are opened. */
class Fields {
  /* More rows than these at once are asked for. */
  static FEW = 24;

  constructor(hand) {
    this.hand = hand;
    this.rows = new Map();
    this.groups = this.grouped();
    this.count = hand.model.inputs.length;
    this.element = Parts.make("div", { class: "quantities" });
    if (this.count > Fields.FEW) this.element.append(this.filter());
    this.groups.forEach((group) => this.build(group));
    this.element.addEventListener("focusin", (event) => {
      const row = event.target.closest("[data-of]");
      if (row) hand.choose(row.dataset.of);
    });
    hand.model.subscribe(() => this.refresh());
  }

  /* The rate, the weights and biases, and then what each sample brings, in the order of the network. */
  grouped() {
    const { hand } = this;
    const groups = new Map();
    const put = (key, title, input) => {
      if (!groups.has(key)) groups.set(key, { title, ids: [], limit: Fields.FEW });
      groups.get(key).ids.push(input.id);
    };
    const { inputs } = hand.model;
    const ofSamples = ["input", "target"];
    inputs.filter(({ kind }) => kind === "rate").forEach((input) => put("rate", hand.say("group_rate"), input));
    /* What is not trained, as in a circuit, has no weights. */
    const parameters = hand.say(hand.model.canStep ? "group_parameters" : "group_quantities");
    inputs.filter(({ kind }) => kind !== "rate" && !ofSamples.includes(kind)).forEach((input) => put(input.group || "parameters", input.group || parameters, input));
    for (const input of inputs.filter(({ kind }) => ofSamples.includes(kind))) {
      const title = input.sample ? hand.say("group_sample", { sample: input.sample }) : hand.say("group_inputs");
      put(`sample ${input.sample}`, title, input);
    }
    return [...groups.values()];
  }

  build(group) {
    group.list = Parts.make("div", { class: "rows" });
    group.more = Parts.button("", () => { group.limit += Fields.FEW * 4; this.list(group); }, { class: "more" });
    const title = group.ids.length > 1 ? `${group.title} (${group.ids.length})` : group.title;
    group.element = Parts.make("details", {}, Parts.make("summary", {}, title), group.list, group.more);
    group.element.addEventListener("toggle", () => { if (group.element.open) this.list(group); });
    group.element.open = this.count <= Fields.FEW || group === this.groups.find(({ ids }) => ids.length > 1);
    this.element.append(group.element);
    if (group.element.open) this.list(group);
  }

  /* Puts the rows of a group into the page that are asked for and are not there. */
  list(group) {
    const ids = group.found || group.ids;
    const wanted = ids.slice(0, group.limit).map((id) => this.row(id).element);
    if (wanted.length !== group.list.childElementCount || wanted.some((row, place) => group.list.children[place] !== row)) {
      group.list.replaceChildren(...wanted);
    }
    group.more.hidden = ids.length <= group.limit;
    group.more.textContent = this.hand.say("show_more", { count: ids.length - group.limit });
  }

  filter() {
    const field = Parts.make("input", { type: "search", class: "filter", autocomplete: "off", spellcheck: "false", "aria-label": this.hand.say("filter"), placeholder: this.hand.say("filter") });
    const none = Parts.make("p", { class: "hint", role: "status" });
    field.addEventListener("input", () => this.narrow(field.value.trim().toLowerCase(), none));
    this.search = field;
    return Parts.make("div", { class: "filtering" }, field, none);
  }

  narrow(sought, none) {
    for (const group of this.groups) {
      group.found = sought && group.ids.filter((id) => this.hand.name(id).toLowerCase().includes(sought));
      group.limit = Fields.FEW;
      group.element.hidden = Boolean(sought) && !group.found.length;
      if (sought && group.found.length) group.element.open = true;
      if (group.element.open) this.list(group);
    }
    none.textContent = this.groups.every((group) => group.element.hidden) ? this.hand.say("none_found") : "";
  }

  row(id) {
    if (!this.rows.has(id)) this.rows.set(id, new Row(this.hand, id, this.rows.size));
    return this.rows.get(id);
  }

  refresh() { this.rows.forEach((row) => row.refresh()); }

  /* Goes to the field of a quantity, wherever it is; Escape there goes back to where one came from. */
  reveal(id, from) {
    const group = this.groups.find(({ ids }) => ids.includes(id));
    if (this.search && this.search.value) {
      this.search.value = "";
      this.search.dispatchEvent(new Event("input"));
    }
    group.limit = Math.max(group.limit, group.ids.indexOf(id) + 1);
    group.element.open = true;
    this.list(group);
    const row = this.row(id);
    row.cameFrom = from;
    row.field.focus();
    row.field.select();
  }
}

/* One quantity. What is typed counts at once where it is a number; what is wrong with it is said when it is done. */
class Row {
  constructor(hand, id, place) {
    this.hand = hand;
    this.id = id;
    this.sessions = 0;
    const { name, math } = hand.inputs.get(id);
    const [field, note] = [`quantity-${place}`, `quantity-${place}-note`];
    this.field = Parts.make("input", {
      type: "text", id: field, "aria-label": name, "aria-describedby": note, autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "done",
      /* A phone's keys for decimals may have no minus: only what is never negative is typed with them. */
      inputmode: hand.inputs.get(id).kind === "rate" ? "decimal" : "text",
    });
    this.slider = Parts.make("input", { type: "range", step: "any", "aria-label": hand.say("move", { name }) });
    this.back = Parts.button("↺", () => this.toStart(), { class: "back", "aria-label": hand.say("to_start", { name }), title: hand.say("to_start", { name }) });
    this.note = Parts.make("p", { class: "note-of", id: note });
    this.element = Parts.make("div", { class: "quantity", "data-of": id }, Parts.make("label", { for: field }, Parts.formula(math)), this.field, this.slider, this.back, this.note);
    this.listen();
    this.refresh();
  }

  listen() {
    this.field.addEventListener("input", () => this.type());
    this.field.addEventListener("change", () => this.finish());
    this.field.addEventListener("blur", () => { this.finish(); this.cameFrom = null; });
    this.field.addEventListener("keydown", (event) => this.press(event));
    this.slider.addEventListener("input", () => this.slide());
    this.slider.addEventListener("change", () => { this.isSliding = false; this.hand.rest(); this.refresh(); });
    this.slider.addEventListener("keydown", (event) => this.arrow(event, stepsOfKey(event)));
  }

  /* Whether there is something in the field that is not yet done. */
  get isTyping() { return this.element.classList.contains("typing"); }
  set isTyping(isOn) { this.element.classList.toggle("typing", isOn); }

  get session() { return `type ${this.id} ${this.sessions}`; }

  type() {
    if (!this.isTyping) this.before = this.hand.value(this.id);
    this.isTyping = true;
    const found = Parts.typed(this.field.value, this.hand.mark);
    if (found.text !== undefined && !this.hand.set(this.id, found.text, this.session)) this.complain(null);
  }

  /* The number is there in full. */
  finish() {
    if (!this.isTyping) return;
    const found = Parts.typed(this.field.value, this.hand.mark);
    const why = found.wrong ? this.hand.say(found.wrong, found.places) : this.hand.set(this.id, found.text, this.session);
    this.isTyping = false;
    this.sessions += 1;
    this.complain(why);
    if (!why) this.refresh();
  }

  press(event) {
    if (event.key === "Enter") {
      this.finish();
    } else if (event.key === "Escape") {
      this.leave(event);
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown" || event.key.startsWith("Page")) {
      this.finish();
      if (!this.wrong) this.arrow(event, stepsOfKey(event));
    }
  }

  /* Escape takes back what was typed; where nothing was, it goes back to the number in the text. */
  leave(event) {
    if (this.isTyping || this.wrong) {
      event.stopPropagation();
      if (this.isTyping) this.hand.set(this.id, this.before, this.session);
      this.hand.model.cancel(this.id);
      this.isTyping = false;
      this.complain(null);
      this.refresh();
    } else if (this.cameFrom && this.cameFrom.isConnected) {
      this.cameFrom.focus();
    }
  }

  arrow(event, count) {
    if (!count) return;
    event.preventDefault();
    this.complain(this.hand.nudge(this.id, count, event, `keys ${this.id}`));
    this.refresh();
  }

  slide() {
    this.isSliding = true;
    const value = Parts.rounded(Number(this.slider.value), this.hand.step(this.id).float);
    this.complain(this.hand.set(this.id, value, `slide ${this.id}`));
  }

  toStart() {
    this.complain(this.hand.toStart(this.id));
    this.refresh();
    this.field.focus();
  }

  /* Says below the field why something cannot be; the field keeps what was typed until it is mended. */
  complain(why) {
    this.wrong = why;
    this.element.classList.toggle("wrong", Boolean(why));
    if (why) this.field.setAttribute("aria-invalid", "true");
    else this.field.removeAttribute("aria-invalid");
    this.hint();
    if (why) this.hand.announce(why);
  }

  hint() {
    const isMoved = this.hand.isMoved(this.id);
    const hint = this.wrong || (isMoved ? this.hand.say("start_was", { value: this.hand.shown(this.hand.model.start(this.id)) }) : "");
    if (this.note.textContent !== hint) this.note.textContent = hint;
    this.back.disabled = !isMoved;
    this.element.classList.toggle("moved", isMoved);
  }

  refresh() {
    const text = this.hand.value(this.id);
    const isOver = text !== this.last || this.hand.model.isAtStart;
    if (isOver && !this.isTyping && this.wrong) this.complain(null);
    if (!this.isTyping && !this.wrong) this.field.value = Parts.editable(text, this.hand.mark);
    if (text !== this.last) this.reach(text);
    this.last = text;
    this.hint();
  }

  /* A slider reaches as far to both sides of the start; a rate begins at 0. It widens round a number that lies outside. */
  reach(text) {
    const [start, reach] = [Parts.float(this.hand.model.start(this.id)), this.hand.reach(this.id)];
    const isRate = this.hand.inputs.get(this.id).kind === "rate";
    this.slider.min = isRate ? 0 : start - reach;
    this.slider.max = start + reach;
    if (!this.isSliding) this.slider.value = Parts.float(text);
    this.slider.setAttribute("aria-valuetext", this.hand.shown(text));
  }
}
