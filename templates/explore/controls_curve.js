/* The error as one quantity changes and all others stay: a curve, the present point, and the tangent there. */
class Curve {
  static WIDTH = 340;
  static HEIGHT = 190;
  static EDGE = { left: 50, right: 10, top: 12, bottom: 32 };
  static POINTS = 160;
  static FEWEST = 24;
  /* Milliseconds that a drawing may take while a number moves, and those after which it rests. */
  static TIME = 8;
  static REST = 200;

  constructor(hand) {
    this.hand = hand;
    this.id = null;
    this.points = Curve.POINTS;
    this.paint = Parts.later(() => this.show());
    this.caption = Parts.make("figcaption", {});
    this.svg = Parts.draw("svg", { role: "img", viewBox: `0 0 ${Curve.WIDTH} ${Curve.HEIGHT}` });
    this.element = Parts.make("figure", { class: "curve" }, this.svg, this.caption);
    hand.onChoice((id) => { this.id = id; this.range = null; this.paint(); });
    hand.model.subscribe(() => this.paint());
  }

  /* Where it can be seen. While a number moves, it is made of as many points as there is time for, and of all after a rest. */
  show() {
    if (this.id === null || !this.element.offsetParent) return;
    const began = performance.now();
    this.drawAll();
    const spent = performance.now() - began;
    clearTimeout(this.rest);
    if (this.points < Curve.POINTS) this.rest = setTimeout(() => { this.points = Curve.POINTS; this.drawAll(); }, Curve.REST);
    this.points = Math.max(Curve.FEWEST, Math.min(Curve.POINTS, Math.floor((this.points * Curve.TIME) / spent)));
  }

  /* What is drawn: the range, the curve in it and the tangent; null where the error cannot be drawn there. */
  measure() {
    const { model } = this.hand;
    const value = Parts.float(model.value(this.id).text);
    const error = model.error();
    if (!error || !Number.isFinite(error.float)) return null;
    const slope = model.derivative(this.id);
    this.range = this.rangeRound(value, error.float, slope);
    const [low, high] = this.range;
    const xs = Array.from({ length: this.points + 1 }, (_, place) => low + ((high - low) * place) / this.points);
    if (!xs.includes(value)) xs.push(value);
    xs.sort((one, two) => one - two);
    const ys = [...model.curve(this.id, xs)];
    if (!ys.some(Number.isFinite)) return null;
    return { value, error, slope, xs, ys, low, high, ...Curve.heights(xs, ys, value, error.float) };
  }

  /* The range stays while the point is well inside it, so that the axes do not run away from a moving number. Else it
     is as wide as the number is large, and wider until the error changes enough in it to be seen. */
  rangeRound(value, error, slope) {
    const step = this.hand.step(this.id).float;
    if (this.range) {
      const [low, high] = this.range;
      const edge = (high - low) / 8;
      if (this.scale === step && value > low + edge && value < high - edge) return this.range;
    }
    this.scale = step;
    let half = 100 * step;
    for (let turn = 0; turn < 3; turn += 1, half *= 2) {
      const probe = [-1, -0.5, 0.5, 1].map((part) => value + part * half);
      const found = [...this.hand.model.curve(this.id, probe)].filter(Number.isFinite);
      const rise = Math.max(...found, error) - Math.min(...found, error);
      if (rise > 0.02 * Math.abs(error) || (slope && Math.abs(slope.float) * half > 0.02 * Math.abs(error))) break;
    }
    return [value - half, value + half];
  }

  /* How high the drawing reaches: a curve that shoots up at its ends is cut there, so that its middle is seen. */
  static heights(xs, ys, value, error) {
    const half = (xs[xs.length - 1] - xs[0]) / 2;
    const inner = ys.filter((y, place) => Number.isFinite(y) && Math.abs(xs[place] - value) <= half / 2).concat(error);
    const all = ys.filter(Number.isFinite);
    const [least, most] = [Math.min(...inner), Math.max(...inner)];
    const spare = 4 * (most - least) || Math.abs(error) || 1;
    let [bottom, top] = [Math.max(Math.min(...all, error), least - spare), Math.min(Math.max(...all, error), most + spare)];
    /* What is as good as level is drawn level, and not its last digits. */
    const flat = 1e-6 * Math.max(Math.abs(top), 1e-300);
    if (top - bottom < flat) [bottom, top] = [bottom - (Math.abs(error) || 1) / 2, top + (Math.abs(error) || 1) / 2];
    const pad = (top - bottom) * 0.08;
    return { bottom: bottom - pad, top: top + pad };
  }

  drawAll() {
    const { hand } = this;
    const name = hand.name(this.id);
    const drawn = hand.inputs.get(this.id).kind === "rate" ? null : this.measure();
    this.svg.replaceChildren();
    this.svg.classList.toggle("nothing", !drawn);
    if (!drawn) {
      this.caption.textContent = hand.say("curve_none", { name });
      this.svg.setAttribute("aria-label", this.caption.textContent);
      return;
    }
    const { left, right, top, bottom } = Curve.EDGE;
    const x = (at) => left + ((at - drawn.low) / (drawn.high - drawn.low)) * (Curve.WIDTH - left - right);
    const y = (at) => Curve.HEIGHT - bottom - ((at - drawn.bottom) / (drawn.top - drawn.bottom)) * (Curve.HEIGHT - top - bottom);
    this.axes(drawn, x, y, name);
    this.lines(drawn, x, y);
    this.tell(drawn, name);
  }

  axes(drawn, x, y, name) {
    const { left, right, top, bottom } = Curve.EDGE;
    const base = Curve.HEIGHT - bottom;
    const axes = Parts.draw("path", { class: "axis", d: `M${left} ${top}V${base}H${Curve.WIDTH - right}` });
    this.svg.append(axes);
    const write = (text, at, anchor) => this.svg.append(Parts.draw("text", { x: at[0], y: at[1], "text-anchor": anchor }, text));
    const mark = (text, step) => Parts.shown(Parts.rounded(text, step), this.hand.mark);
    for (const tick of Curve.ticks(drawn.low, drawn.high, 5)) {
      this.svg.append(Parts.draw("path", { class: "axis", d: `M${x(tick.at)} ${base}v4` }));
      write(mark(tick.at, tick.step), [x(tick.at), base + 15], "middle");
    }
    for (const tick of Curve.ticks(drawn.bottom, drawn.top, 4)) {
      this.svg.append(Parts.draw("path", { class: "axis", d: `M${left} ${y(tick.at)}h-4` }));
      write(mark(tick.at, tick.step), [left - 7, y(tick.at) + 4], "end");
    }
    const [error, below = ""] = this.hand.error.split("_");
    write(name, [Curve.WIDTH - right, Curve.HEIGHT - 4], "end");
    write(error, [left + 6, top + 4], "start");
    this.svg.lastChild.append(Parts.draw("tspan", { class: "below", dy: 3 }, below));
  }

  lines(drawn, x, y) {
    const { left, right, top, bottom } = Curve.EDGE;
    /* Far outside nothing is seen, and no browser draws endless numbers alike. */
    const kept = (at) => Math.max(-Curve.HEIGHT * 5, Math.min(Curve.HEIGHT * 6, at));
    const seen = Parts.draw("svg", { x: left, y: top, width: Curve.WIDTH - left - right, height: Curve.HEIGHT - top - bottom, viewBox: `${left} ${top} ${Curve.WIDTH - left - right} ${Curve.HEIGHT - top - bottom}` });
    let pen = "M";
    const way = drawn.xs.map((at, place) => {
      const high = drawn.ys[place];
      if (!Number.isFinite(high)) {
        pen = "M";
        return "";
      }
      const bit = `${pen}${x(at).toFixed(1)} ${kept(y(high)).toFixed(1)}`;
      pen = "L";
      return bit;
    });
    seen.append(Parts.draw("path", { class: "line", d: way.join("") }));
    if (drawn.slope && Number.isFinite(drawn.slope.float)) {
      const end = (at) => `${x(at).toFixed(1)} ${y(drawn.error.float + drawn.slope.float * (at - drawn.value)).toFixed(1)}`;
      seen.append(Parts.draw("path", { class: "tangent", d: `M${end(drawn.low)}L${end(drawn.high)}` }));
    }
    this.svg.append(seen, Parts.draw("circle", { class: "point", cx: x(drawn.value), cy: y(drawn.error.float), r: 4.5 }));
  }

  tell(drawn, name) {
    const { hand } = this;
    const shown = (at) => hand.shown(Parts.rounded(at, (drawn.high - drawn.low) / 100));
    const places = (related, printed) => ({
      name, value: related(hand.model.value(this.id)), now: printed(drawn.error), low: shown(drawn.low), high: shown(drawn.high),
      slope: drawn.slope ? printed(drawn.slope) : "",
    });
    const [caption, alt] = drawn.slope ? ["curve_caption", "curve_alt"] : ["curve_caption_no_slope", "curve_alt_no_slope"];
    this.caption.textContent = hand.say(caption, places((one) => hand.related(one), (one) => hand.printed(one)));
    this.svg.setAttribute("aria-label", hand.say(alt, places((one) => `= ${hand.shown(one.text)}`, (one) => hand.shown(one.text))));
  }

  /* Round numbers between two bounds, at most so many. */
  static ticks(low, high, most) {
    let step = Hand.roundUp((high - low) / most);
    const all = () => {
      const first = Math.ceil(low / step - 1e-9);
      return Array.from({ length: Math.max(0, Math.floor(high / step + 1e-9) - first + 1) }, (_, place) => ({ at: (first + place) * step, step }));
    };
    if (!step) return [];
    if (all().length > most) step = Hand.roundUp(step * 1.5);
    return all();
  }
}
