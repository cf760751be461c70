/* What all controls share: elements, words with places, and numbers as this page writes them and as a person types them. */
const Parts = (() => {
  const DRAWN = "http://www.w3.org/2000/svg";
  /* The sign of a plain decimal, its digits before and behind the point, and its power of ten. */
  const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/;
  const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
  /* Beyond this power of ten no decimal is added digit by digit: doubles end before it. */
  const FAR = 400;

  function dress(element, attributes, inside) {
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== null) element.setAttribute(name, value);
    }
    element.append(...inside);
    return element;
  }
  const make = (tag, attributes = {}, ...inside) => dress(document.createElement(tag), attributes, inside);
  const draw = (tag, attributes = {}, ...inside) => dress(document.createElementNS(DRAWN, tag), attributes, inside);

  function button(text, act, attributes = {}) {
    const made = make("button", { type: "button", ...attributes }, text);
    made.addEventListener("click", act);
    return made;
  }

  /* The markup of a name comes from Python; it is parsed where nothing in it could run. */
  function formula(markup, name = null) {
    const parsed = new DOMParser().parseFromString(markup, "text/html").body.firstElementChild;
    return dress(document.importNode(parsed, true), { "aria-label": name }, []);
  }

  /* Does a task when the numbers of the page are painted: they come first, and once a frame is as often as anybody sees. */
  function later(task) {
    let waits = false;
    return () => {
      if (waits) return;
      waits = true;
      requestAnimationFrame(() => setTimeout(() => {
        waits = false;
        task();
      }));
    };
  }

  /* A sentence from Python with its places filled in. */
  const fill = (sentence, places = {}) => sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in places ? places[name] : whole));

  /* A decimal as whole units of 10^-places; null for what is none. */
  function decimal(text) {
    const found = DECIMAL.exec(text);
    if (!found || !(found[2] || found[3]) || Math.abs(Number(found[4] || 0)) > FAR) return null;
    const [, sign, whole, behind = "", power = "0"] = found;
    const units = BigInt(whole + behind) * (sign === "-" ? -1n : 1n);
    const places = behind.length - Number(power);
    return places < 0 ? { units: units * 10n ** BigInt(-places), places: 0 } : { units, places };
  }

  /* The decimal as text, without zeros that say nothing; very small and very large ones with a power of ten. */
  function decimalText({ units, places }) {
    if (units === 0n) return "0";
    while (places > 0 && units % 10n === 0n) [units, places] = [units / 10n, places - 1];
    const sign = units < 0n ? "-" : "";
    const digits = String(units < 0n ? -units : units);
    const power = digits.length - 1 - places;
    if (power < -7 || power > 20) {
      const behind = digits.slice(1).replace(/0+$/, "");
      return `${sign}${digits[0]}${behind && `.${behind}`}e${power}`;
    }
    const long = digits.padStart(places + 1, "0");
    return sign + long.slice(0, long.length - places) + (places ? `.${long.slice(-places)}` : "");
  }

  function added(one, two, sign = 1n) {
    const places = Math.max(one.places, two.places);
    const raised = ({ units, places: own }) => units * 10n ** BigInt(places - own);
    return decimalText({ units: raised(one) + sign * raised(two), places });
  }

  /* One text of a number minus the other, digit by digit; null where one of them is no decimal. */
  function difference(one, two) {
    const [high, low] = [decimal(one), decimal(two)];
    return high && low && added(high, low, -1n);
  }

  /* A decimal with no more than its first four digits. */
  const shortened = (text) => decimalText(decimal(String(Number(Number(text).toPrecision(4)))));

  /* The nearest double to the text of a decimal or of a fraction. */
  function float(text) {
    const [over, under = "1"] = text.split("/");
    return Number(over) / Number(under);
  }

  /* A double as a decimal with no more digits than a step of this size calls for. */
  function rounded(value, step) {
    const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    if (places <= 100 && Math.abs(value) < 1e21) return decimalText(decimal(value.toFixed(places)));
    return String(Number(value.toPrecision(3)));
  }

  /* The step that suits a number of this size: 0.01 for those between 0.1 and 10, else about its third digit. */
  function stepOf(size) {
    const power = size > 0 ? Math.floor(Math.log10(size) + 1e-12) : 0;
    const step = power < -1 ? power - 1 : power < 1 ? -2 : power - 2;
    return { text: `1e${step}`, float: Number(`1e${step}`) };
  }

  /* The value after so many steps, each ten times as large or as small where `tens` says so. */
  function stepped(text, step, count, tens) {
    const from = decimal(text) || decimal(rounded(float(text), step.float / 100));
    const power = Number(step.text.slice(2)) + tens;
    return added(from, decimal(`${count}e${power}`));
  }

  /* How the mark of this page stands in a number, and powers of ten and minus signs as a book prints them. */
  function shown(text, mark) {
    const [front, power] = text.split("e");
    const number = front.replace("-", "−").replace(".", mark);
    return power ? `${number} · 10${[...power.replace("+", "")].map((sign) => RAISED[sign]).join("")}` : number;
  }
  /* The same where it is edited: every sign of it is on a keyboard. */
  const editable = (text, mark) => text.replace(".", mark);

  /* What a person typed, as {text} for the model or as {wrong, places}: the key of a sentence that says what is wrong. */
  function typed(raw, mark) {
    const text = raw.replace(/\s/g, "").replace(/[−–]/g, "-").replace(/[·×*]10\^/, "e").toLowerCase();
    const places = { text: raw.trim(), example: editable("0.25", mark) };
    if (!text) return { wrong: "empty", places };
    const other = mark === "," ? "." : ",";
    const [whole, behind = "", more] = text.split(other);
    /* 1,250 is a thousand and more to some, and one and a quarter to others. */
    if (/^[+-]?[1-9]\d{0,2}$/.test(whole) && /^\d{3}$/.test(behind) && more === undefined) {
      return { wrong: "ambiguous", places: { ...places, small: whole + mark + behind, large: whole + behind } };
    }
    const plain = text.replace(",", ".");
    const found = DECIMAL.exec(plain);
    if (found && (found[2] || found[3])) {
      const small = decimal(plain);
      return { text: small ? decimalText(small) : plain.replace("+", "") };
    }
    return { wrong: "not_number", places };
  }

  /* Whether it is a number as addresses hold it. */
  const isPlain = (text) => text.length <= 4096 && DECIMAL.test(text) && /^[+-]?\.?\d/.test(text);

  return { make, draw, button, formula, later, fill, decimal, difference, shortened, float, rounded, stepOf, stepped, shown, editable, typed, isPlain };
})();
