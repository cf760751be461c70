/* The numbers in the text: dragged, moved with the arrow keys, and lit up with all that belongs to them. */
class PageNumbers {
  /* Pixels of a drag that make one step, and those before it is one. */
  static STEP = 4;
  static SLACK = 3;
  /* With more quantities than these, those that cannot be changed are no stops of the Tab key. */
  static STOPS = 40;

  constructor(hand, reveal) {
    this.hand = hand;
    this.reveal = reveal;
    this.drags = 0;
    this.lit = [];
    this.stops = new Map();
    this.ready();
    this.listen();
    hand.model.subscribe(() => this.tell());
  }

  /* One number of each quantity is a stop of the Tab key; the others are for the pointer: a page in which every number
     were a stop would have hundreds. To those who listen, a drawing or a formula is one thing, and nothing in it is a
     stop: what stands round a formula with one number is one, and a drawing has none. */
  ready() {
    const others = new Map();
    for (const element of document.querySelectorAll("[data-of]:not([data-input])")) {
      const id = element.dataset.of;
      const isWithin = element.parentElement.closest("math, [role=img], [hidden], a, button, #explore");
      if (!isWithin && !others.has(id) && !this.hand.inputs.has(id)) others.set(id, element);
    }
    for (const id of others.keys()) if (id.split(" ").every((one) => PageNumbers.all(one).length < 2)) others.delete(id);
    if (others.size <= PageNumbers.STOPS) others.forEach((element) => element.setAttribute("tabindex", "0"));
    for (const element of document.querySelectorAll("[data-input]")) {
      const id = element.dataset.input;
      const stop = this.stops.has(id) || !this.hand.inputs.has(id) ? null : PageNumbers.stopOf(element);
      if (stop) this.makeStop(id, stop);
    }
    this.tell();
  }

  static all(id) { return [...document.querySelectorAll(`[data-of~="${CSS.escape(id)}"]`)]; }

  static stopOf(element) {
    if (element.closest("[role=img], [hidden], a, button, #explore")) return null;
    const formula = element.closest("math");
    if (!formula) return element;
    if (formula.getAttribute("display") === "block" || formula.querySelectorAll("[data-input]").length > 1) return null;
    const round = Parts.make("span", {});
    formula.before(round);
    round.append(formula);
    return round;
  }

  makeStop(id, stop) {
    this.stops.set(id, stop);
    stop.dataset.input = id;
    const name = this.hand.say("change", { name: this.hand.name(id) });
    for (const [key, value] of Object.entries({ tabindex: "0", role: "spinbutton", "aria-label": name })) stop.setAttribute(key, value);
  }

  /* What those hear who listen. */
  tell() {
    for (const [id, element] of this.stops) {
      const text = this.hand.value(id), shown = this.hand.shown(text);
      if (element.getAttribute("aria-valuetext") === shown) continue;
      element.setAttribute("aria-valuenow", String(Parts.float(text)));
      element.setAttribute("aria-valuetext", shown);
    }
  }

  /* The quantity whose number is below a pointer, or has the focus. */
  at(target) {
    const found = target && target.closest && target.closest("[data-input]");
    return found && this.hand.inputs.has(found.dataset.input) ? found.dataset.input : null;
  }

  listen() {
    const hear = (kind, act) => document.addEventListener(kind, (event) => {
      const id = this.at(event.target);
      if (id !== null) act(event, id);
    });
    hear("pointerdown", (event, id) => this.grasp(event, id));
    hear("dblclick", (event, id) => this.open(event, id));
    hear("keydown", (event, id) => this.press(event, id));
    hear("focusin", (event, id) => this.hand.choose(id));
    /* A finger lights up what it touches and has nothing to hover with. */
    for (const kind of ["pointerover", "focusin", "click"]) document.addEventListener(kind, (event) => this.light(event.target));
    document.documentElement.addEventListener("pointerleave", () => this.light(document.activeElement));
  }

  press(event, id) {
    const count = stepsOfKey(event);
    if (event.key === "Enter") {
      this.open(event, id);
    } else if (count) {
      event.preventDefault();
      this.report(this.hand.nudge(id, count, event, `keys ${id}`));
    }
  }

  open(event, id) {
    event.preventDefault();
    this.reveal(id, this.stops.get(id));
  }

  /* A pointer on a number: it is dragged when it moved a little to the side. Up and down remains scrolling. */
  grasp(event, id) {
    if (event.button !== 0 || this.drag) return;
    this.drag = { id, pointer: event.pointerId, x: event.clientX, left: 0, count: 0, gesture: `drag ${(this.drags += 1)}` };
    const moved = (later) => { if (later.pointerId === event.pointerId) this.pull(later); };
    const ended = (later) => {
      if (later.pointerId !== event.pointerId) return;
      for (const [kind, heard] of heardOf) window.removeEventListener(kind, heard);
      this.release(later);
    };
    const heardOf = [["pointermove", moved], ["pointerup", ended], ["pointercancel", ended]];
    for (const [kind, heard] of heardOf) window.addEventListener(kind, heard);
    this.hand.choose(id);
    if (event.pointerType === "mouse") event.preventDefault();
    /* From then on the arrow keys move it, too. */
    if (this.stops.has(id)) this.stops.get(id).focus({ preventScroll: true });
  }

  pull(event) {
    const { drag } = this;
    if (!drag.isOn && Math.abs(event.clientX - drag.x) <= PageNumbers.SLACK) return;
    if (!drag.isOn) {
      Object.assign(drag, { isOn: true, x: event.clientX });
      document.documentElement.setPointerCapture(drag.pointer);
      document.documentElement.classList.add("dragging");
    }
    drag.left += (event.clientX - drag.x) / PageNumbers.STEP;
    drag.x = event.clientX;
    const { shiftKey, altKey } = event;
    drag.keys = { shiftKey, altKey };
    /* Once a frame is as often as anybody sees. */
    if (!drag.frame) drag.frame = requestAnimationFrame(() => this.move(drag));
  }

  move(drag) {
    drag.frame = 0;
    const count = Math.trunc(drag.left);
    if (!count) return;
    drag.left -= count;
    this.report(this.hand.nudge(drag.id, count, drag.keys, drag.gesture));
  }

  release(event) {
    const { drag } = this;
    this.drag = null;
    if (drag.frame) {
      cancelAnimationFrame(drag.frame);
      if (event.type === "pointerup") this.move(drag);
    }
    document.documentElement.classList.remove("dragging");
    this.hand.rest();
  }

  report(why) { if (why) this.hand.announce(why); }

  /* Lights up all that shows the same quantity as the element does: numbers, rows, neurons and arrows. */
  light(target) {
    const element = target && target.closest ? target.closest("[data-of]") : null;
    const key = element ? element.dataset.of : this.at(target) || "";
    if (key === this.key) return;
    this.key = key;
    this.lit.forEach((one) => one.classList.remove("partner"));
    this.lit = key.split(" ").filter(Boolean).flatMap(PageNumbers.all);
    this.lit.forEach((one) => one.classList.add("partner"));
  }
}
