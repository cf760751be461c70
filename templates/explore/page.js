/* Puts the present numbers into the slots of the page. What a slot shows at the start is kept as it came. */
const AS_IT_IS = 0, IF_NEGATIVE = 1, IF_LOOSE = 2, UNSIGNED = 3;
const NUMBER = 0, SIGN = 1, FIRST_SIGN = 2, DOT = 3, RELATION = 4, ROUNDED = 5, TRAINED = 6;
const SLICE = 10;  // ms that the page fills places, or goes on with a training, before the browser has its turn
const MATHML = "http://www.w3.org/1998/Math/MathML", SVG = "http://www.w3.org/2000/svg";
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function math(tag, content, attributes = {}) {
  const element = document.createElementNS(MATHML, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (Array.isArray(content)) element.append(...content);
  else element.textContent = content;
  return element;
}

const tight = (sign) => math("mo", sign, { lspace: "0", rspace: "0" });
const dot = () => math("mo", "⋅", { lspace: "0.2222em", rspace: "0.2222em" });

/* A decimal number as its parts. */
function parts(text) {
  const [digits, power] = text.split("e");
  return { minus: digits.startsWith("-"), digits: digits.replace("-", ""), power };
}

/* Whether there is a dot between two factors: behind a number with a power of ten; before a power of a number, unless
   its parentheses are enough. */
const BEHIND_POWER = 0, BETWEEN = 2;

function hasDot(how, [first, last = first]) {
  const endsWithPower = (text) => text.includes("e") && !text.startsWith("-");
  if (how === BEHIND_POWER) return endsWithPower(first);
  const isGrouped = first.startsWith("-") || first.includes("e");
  return !isGrouped || (how === BETWEEN && endsWithPower(last));
}

/* The nodes of a number in a formula. */
function inMath({ text, isMarked }, how, mark) {
  const { minus, digits, power } = parts(text);
  const shown = math("mn", digits.replace(".", mark));
  const dagger = (base) => math("msup", [base, math("mo", "†")]);
  const sign = minus && how !== UNSIGNED ? [tight("−")] : [];
  let nodes;
  if (power === undefined) {
    nodes = [...sign, isMarked ? dagger(shown) : shown];
  } else {
    const exponent = power.startsWith("-")
      ? math("mrow", [tight("−"), math("mn", power.slice(1))]) : math("mn", power);
    nodes = [...sign, shown, dot(), math("msup", [math("mn", "10"), exponent])];
    if (isMarked) nodes = [dagger(math("mrow", [...nodes, math("mspace", "", { width: "0.16666667em" })]))];
  }
  const isGrouped = how === IF_NEGATIVE ? minus : how === IF_LOOSE && (minus || power !== undefined);
  if (!isGrouped) return nodes;
  const fence = (form) => math("mo", form, { stretchy: "false" });
  return [math("mrow", [fence("("), ...nodes, fence(")")])];
}

/* A number in a drawing: its power of ten is raised, as Python's drawings have it. */
const RAISED_SIZE = 0.96, RAISED_BY = 0.38, PLACE = /\{(\d+)\}/g;

function inDrawingText(found, mark, element) {
  const [plain, power] = inText(found, mark).split("·10"), size = Number(element.closest("text").getAttribute("font-size"));
  if (power === undefined) return [document.createTextNode(plain)];
  const raised = document.createElementNS(SVG, "tspan");
  raised.setAttribute("dy", (-RAISED_BY * size).toFixed(2));
  raised.setAttribute("font-size", (RAISED_SIZE * size).toFixed(1));
  raised.textContent = parts(found.text).power.replace("-", "−");
  return [document.createTextNode(`${plain}·10`), raised];
}

/* A number in words. */
function inText({ text, isMarked }, mark) {
  const { minus, digits, power } = parts(text);
  const raised = power === undefined ? "" : "·10" + Array.from(power, (sign) => (sign === "-" ? "⁻" : RAISED[sign])).join("");
  return (minus ? "−" : "") + digits.replace(".", mark) + raised + (isMarked ? "†" : "");
}

/* Put a row round a number or a sign that is a slot by itself: later it may be more than one element. */
function enrow(element) {
  const row = math("mrow", [], { slot: element.slot });
  element.replaceWith(row);
  element.removeAttribute("slot");
  row.append(element);
}

const isShown = ({ around }) => !around || !around.closest("[hidden]");

class Page {
  constructor(model, root) {
    Object.assign(this, { model, root, slots: new Map() });
    for (const element of root.querySelectorAll("[data-kept]")) element.innerHTML = model.data.kept[element.dataset.kept];
    for (const element of root.querySelectorAll("mn[slot], mo[slot]")) enrow(element);
    for (const element of root.querySelectorAll("[slot]")) this.add(Number(element.slot), element);
    this.name();
    this.told = Array.from(root.querySelectorAll("desc[data-words]"), (element) => (
      { element, start: element.textContent, template: element.getAttribute("data-words"),
        label: element.closest("svg").getAttribute("aria-label") }));
    // The numbers of the training, which come later.
    this.trained = new Map();
    for (const [slot, shown] of this.slots) {
      const [kind, , number] = model.data.slots[slot];
      if (kind === TRAINED) this.trained.set(number, [slot, shown]);
    }
    const facts = Array.from(root.querySelectorAll("[data-when]"), (element) => (
      { element, fact: Number(element.dataset.when), isHidden: element.hidden }));
    // What is said of all numbers of the text depends on which of them are shown.
    this.facts = [facts.filter(({ fact }) => !model.isOfText(fact)), facts.filter(({ fact }) => model.isOfText(fact))];
    model.inText = () => this.inText();
    this.look();
    model.subscribe(() => this.show());
  }

  add(slot, element) {
    if (!this.slots.has(slot)) this.slots.set(slot, { start: this.key(slot), places: [] });
    const [kind] = this.model.data.slots[slot], { start: key, places } = this.slots.get(slot);
    const start = Array.from(element.childNodes, (node) => node.cloneNode(true));
    const block = element.closest("p, figure, .display, .table, h2, h3, h4, li") || element;
    places.push({ slot, kind, element, start, startKey: key, key, block, around: element.closest("[data-when]") });
  }

  /* Keep in mind which blocks can be seen, or nearly: these change first. */
  look() {
    this.seen = new Set();
    this.places = new Map();
    for (const { places } of this.slots.values()) {
      for (const place of places) {
        if (!this.places.has(place.block)) this.places.set(place.block, []);
        this.places.get(place.block).push(place);
      }
    }
    this.withWords = Array.from(this.places.keys()).filter((block) => this.places.get(block).some(({ around }) => around));
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) this.seen.add(target);
        else this.seen.delete(target);
      }
    }, { rootMargin: "25% 0px" });
    for (const block of this.places.keys()) observer.observe(block);
  }

  /* The slots that stand in the text, and not in a figure, and are shown. */
  * inText() {
    for (const [slot, { places }] of this.slots) {
      if (slot < this.model.data.text_slots && places.some(isShown)) yield this.model.data.slots[slot];
    }
  }

  /* Say of each number of which quantity it is, and of which input where it is one. */
  name() {
    const { data, program, inputs } = this.model;
    const byRegister = new Map(inputs.map(({ register, id }) => [register, id]));
    for (const [slot, { places }] of this.slots) {
      const [kind, , number] = data.slots[slot];
      if (kind !== NUMBER) continue;
      const { register } = program.numbers[number], of = data.of.get(register), input = byRegister.get(register);
      for (const { element } of places) {
        if (of !== undefined) element.dataset.of = of;
        if (input !== undefined) element.dataset.input = input;
      }
    }
  }

  number(place) {
    return this.model.numbers.number(place);
  }

  /* What a slot shows, as text: two that show the same have the same. */
  key(slot) {
    const [kind, how, ...numbers] = this.model.data.slots[slot];
    if (kind === TRAINED) return this.trainedKey(numbers[0]);
    const [first] = numbers.map((number) => this.number(number));
    const isNegative = first && first.text.startsWith("-");
    switch (kind) {
      case NUMBER: return `${first.text}${first.isMarked ? "†" : ""}${first.isCertain ? "" : "?"}`;
      case SIGN: return isNegative !== Boolean(how) ? "−" : "+";
      case FIRST_SIGN: return isNegative !== Boolean(how) ? "−" : "";
      case DOT: return hasDot(how, numbers.map((number) => this.number(number).text)) ? "⋅" : "";
      default: {
        const isExact = numbers.every((number) => this.number(number).exact);
        return isExact ? (kind === ROUNDED ? "" : "=") : "≈";
      }
    }
  }

  trainedKey(number) {
    if (this.model.isAtStart) return "start";
    const found = this.model.trained(number);
    return found === undefined ? "…" : found === null ? "–" : `${found.exact ? "=" : "≈"}${found.text}`;
  }

  nodes(slot, key, element) {
    const [kind, how, number] = this.model.data.slots[slot], { mark } = this.model.language;
    const isMath = element.namespaceURI === MATHML;
    if (kind === TRAINED) {
      const found = this.model.trained(number);
      return found ? [math("mo", key[0]), ...inMath(found, AS_IT_IS, mark)] : [math("mi", key)];
    }
    if (kind === NUMBER) {
      const found = this.number(number);
      if (isMath) return inMath(found, how, mark);
      return element.namespaceURI === SVG ? inDrawingText(found, mark, element) : [document.createTextNode(inText(found, mark))];
    }
    if (!key) return [];
    if (!isMath) return [document.createTextNode(key)];
    return [kind === FIRST_SIGN ? tight(key) : kind === DOT ? dot() : math("mo", key)];
  }

  /* Show the present numbers: first where they can be seen, then everywhere else; of a large page, what does not fit
     into a slice comes in the next ones. */
  show() {
    clearTimeout(this.pending);
    this.settle("false");
    this.choose(this.facts[0]);
    const hidden = Array.from(this.places.keys()).filter((block) => !this.seen.has(block));
    const rest = hidden.concat(Array.from(this.seen));
    const goOn = () => {
      const until = performance.now() + SLICE;
      while (rest.length && performance.now() < until) this.fillBlock(rest.pop());
      if (rest.length) this.pending = setTimeout(goOn);
      else this.showWhole();
    };
    goOn();
  }

  /* What is said of the numbers together, when all of them stand there. */
  showWhole() {
    this.chooseOfText();
    this.showNotices();
    this.describe();
    this.train();
  }

  /* Show the words whose facts are true. */
  choose(facts) {
    const { isAtStart } = this.model;
    for (const { element, fact, isHidden } of facts) element.hidden = isAtStart ? isHidden : !this.model.holds(fact);
  }

  /* Show the words that are true of all numbers together, with the numbers in them. */
  chooseOfText() {
    this.choose(this.facts[1]);
    for (const block of this.withWords) this.fillBlock(block);
  }

  fillBlock(block) {
    for (const place of this.places.get(block)) {
      if (place.kind === TRAINED || !isShown(place)) continue;  // its time comes later
      const key = this.key(place.slot);
      if (place.key !== key) this.fill(place, key);
    }
  }

  /* Go on with the training when nothing else is to be done; a later change begins it anew. */
  train() {
    const { model } = this, numbers = [...this.trained.keys()];
    model.run = model.isAtStart || !numbers.length ? null : model.training(numbers);
    this.showTrained();
    if (!model.run) return this.settle("true");
    this.settle("training");
    const goOn = () => {
      const isDone = model.run.goOn(performance.now() + SLICE);
      this.showTrained();
      if (isDone) this.end();
      else this.pending = setTimeout(goOn);
    };
    this.pending = setTimeout(goOn);
  }

  /* With the last numbers it is known what is to be said of all of them. */
  end() {
    this.chooseOfText();
    this.settle("true");
  }

  /* Whether all numbers of the page are the present ones: "false", "training" as long as only those of it are not, "true". */
  settle(state) {
    document.documentElement.dataset.settled = state;
  }

  showTrained() {
    for (const [slot, shown] of this.trained.values()) {
      const key = this.key(slot);
      for (const place of shown.places) {
        if (place.key !== key) this.fill(place, key);
      }
    }
  }

  fill(place, key) {
    const { slot, kind, element, start } = place, isStart = key === place.startKey;
    place.key = key;
    if (!isStart && kind === NUMBER && element.namespaceURI === MATHML) this.fillFormula(place);
    else {
      place.shape = null;
      element.replaceChildren(...(isStart ? start.map((node) => node.cloneNode(true)) : this.nodes(slot, key, element)));
    }
    if (key.endsWith("?")) element.classList.add("unsure");
    else if (element.classList.length) element.classList.remove("unsure");
  }

  /* A number in a formula: nearly always it has the shape of the one before, and other digits, which is far quicker. */
  fillFormula(place) {
    const [, how, number] = this.model.data.slots[place.slot], { mark } = this.model.language, found = this.number(number);
    const { minus, digits, power = "" } = parts(found.text), shape = [minus, found.isMarked, power && power[0] === "-"].join();
    if (place.shape !== shape) {
      place.shape = shape;
      place.element.replaceChildren(...inMath(found, how, mark));
      place.digits = place.element.querySelectorAll("mn");
    } else {
      place.digits[0].firstChild.data = digits.replace(".", mark);
      if (power) place.digits[2].firstChild.data = power.replace("-", "");
    }
  }

  /* What is said of a drawing, and a curve of the training, which is that of the start. */
  describe() {
    const { mark } = this.model.language, { isAtStart } = this.model;
    for (const { element, start, label, template } of this.told) {
      const words = isAtStart ? start : template.replace(PLACE, (_, slot) => this.inWords(Number(slot), mark));
      element.textContent = words;
      element.closest("svg").setAttribute("aria-label", label.replace(start, () => words));
    }
    for (const drawing of this.root.querySelectorAll("svg[data-start]")) {
      const figure = drawing.closest("figure");
      if (figure) figure.classList.toggle("of-start", !isAtStart);
    }
  }

  inWords(slot, mark) {
    const [kind, , number] = this.model.data.slots[slot];
    return kind === NUMBER ? inText(this.number(number), mark) : this.key(slot);
  }

  /* Say where the text itself would be another one, and that the training belongs to the numbers at the start. */
  showNotices() {
    const { guards } = this.model.data;
    const isOfStart = this.model.isAtStart || this.trained.size > 0;
    for (const element of this.root.querySelectorAll("[data-notice=training]")) element.hidden = isOfStart;
    const isOther = guards.some((guard) => this.model.holds(guard));
    for (const element of this.root.querySelectorAll("[data-notice=other]")) element.hidden = !isOther;
  }
}

/* The page was not whole when the browser looked for the place that its address names. */
function jump() {
  try {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (place) place.scrollIntoView();
  } catch (error) {
    // an address that is no text names no place
  }
}

function explore() {
  const model = new Model(JSON.parse(document.getElementById("explore-data").textContent));
  const style = document.createElement("style");
  style.textContent = model.data.style;
  document.head.append(style);
  const page = new Page(model, document);
  page.settle("true");
  controls(model, document.getElementById("explore"));  // which may take other numbers from the address
  jump();
  return page;
}
