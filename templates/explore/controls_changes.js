/* What changed and by how much, and the sentence that says so aloud. */
class Changes {
  /* After a step all weights differ: the most changed are enough. */
  static MOST = 12;

  constructor(hand) {
    this.hand = hand;
    this.rows = Parts.make("tbody");
    this.more = Parts.make("p", { class: "hint" });
    const head = ["column_quantity", "column_start", "column_now", "column_difference"].map((key) => Parts.make("th", { scope: "col" }, hand.say(key)));
    this.table = Parts.make("table", {}, Parts.make("caption", {}, hand.say("changes")), Parts.make("thead", {}, Parts.make("tr", {}, ...head)), this.rows);
    this.none = Parts.make("p", { class: "hint" }, hand.say("no_changes"));
    this.element = Parts.make("div", { class: "changes" }, this.table, this.more, this.none);
    this.first = hand.model.error();
    this.paint = Parts.later(() => this.list());
    hand.model.subscribe(this.paint);
    this.list();
  }

  list() {
    const { hand } = this;
    const moved = hand.model.inputs.filter(({ id }) => hand.isMoved(id)).map(({ id }) => this.change(id)).sort((one, two) => two.size - one.size);
    this.table.hidden = moved.length === 0;
    this.none.hidden = moved.length > 0;
    this.more.textContent = moved.length > Changes.MOST ? hand.say("more_changes", { count: moved.length - Changes.MOST }) : "";
    this.rows.replaceChildren(...(moved.length ? [this.errorRow()] : []), ...moved.slice(0, Changes.MOST).map((change) => this.row(change)));
    /* What is scrolled can be scrolled with keys. */
    const isWide = this.element.scrollWidth > this.element.clientWidth;
    for (const [name, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", hand.say("changes")]]) {
      if (isWide) this.element.setAttribute(name, value);
      else this.element.removeAttribute(name);
    }
  }

  change(id) {
    const { model } = this.hand;
    const [start, now] = [{ text: model.start(id), exact: true }, model.value(id)];
    return { id, start, now, size: Math.abs(Parts.float(now.text) - Parts.float(start.text)) };
  }

  row({ id, start, now }) {
    const { name, math } = this.hand.inputs.get(id);
    return Parts.make("tr", { "data-of": id }, Parts.make("th", { scope: "row" }, Parts.formula(math, name)), ...this.cells(start, now));
  }

  errorRow() {
    const now = this.hand.model.error();
    const cells = this.first && now ? this.cells(this.first, now) : [this.first, now, null].map((one) => Parts.make("td", {}, one ? this.hand.printed(one) : "–"));
    return Parts.make("tr", { class: "error" }, Parts.make("th", { scope: "row" }, this.hand.model.errorMath ? Parts.formula(this.hand.model.errorMath, this.hand.error) : this.hand.error), ...cells);
  }

  /* The start, the present and what lies between them: of rounded numbers, no more than its first digits. */
  cells(start, now) {
    const isExact = start.exact && now.exact;
    const whole = Parts.difference(now.text, start.text);
    const between = whole === null || isExact ? whole : Parts.shortened(whole);
    const plus = between === null || between === "0" || between.startsWith("-") ? "" : "+";
    const sign = isExact ? "" : "≈\u00a0";
    const difference = between === null ? "–" : sign + plus + this.hand.shown(between);
    return [this.hand.printed(start), this.hand.printed(now), difference].map((text) => Parts.make("td", {}, text));
  }
}

/* Says after half a second of rest what the change did; while it plays, it keeps quiet. */
class Speaker {
  static REST = 500;

  constructor(hand) {
    this.hand = hand;
    this.element = Parts.make("p", { class: "unseen", role: "status", "aria-live": "polite" });
    this.said = hand.model.error();
    hand.announce = (sentence) => this.announce(sentence);
    hand.model.subscribe(() => this.wait());
  }

  wait() {
    clearTimeout(this.timer);
    if (!this.isQuiet) this.timer = setTimeout(() => this.tell(), Speaker.REST);
  }

  tell() {
    const { hand, said } = this;
    const now = hand.model.error();
    if (!now && said) this.write(hand.say("error_gone"));
    else if (now && !said) this.write(hand.say("error_is", { now: hand.shown(now.text) }));
    else if (now && now.text !== said.text) this.write(hand.say("error_changed", { now: hand.shown(now.text), before: hand.shown(said.text) }));
    this.said = now;
  }

  announce(sentence) {
    clearTimeout(this.timer);
    this.write(sentence);
    this.said = this.hand.model.error();
  }

  /* A sentence that is said twice is said anew. */
  write(sentence) {
    this.element.textContent = this.element.textContent === sentence ? `${sentence}\u00a0` : sentence;
  }
}
