/* The state in the address, so that it can be sent: read, checked by the model, and written after each change. */
class Address {
  static REST = 300;
  /* Longer than any address that a browser sends on. */
  static LONGEST = 60000;

  constructor(hand, complain) {
    this.hand = hand;
    this.complain = complain;
    hand.watch(() => this.wait());
    addEventListener("hashchange", () => this.read());
    this.read();
  }

  /* What stands behind the # as a state; null for a mere place in the page, undefined for what is neither. */
  static parse(hash) {
    const text = hash.replace(/^#/, "");
    if (!text.includes("=")) return null;
    if (text.length > Address.LONGEST) return undefined;
    const state = { values: Object.create(null), steps: 0 };  // a name may be any text
    const seen = new Set();
    for (const part of text.split("&")) {
      const [raw, value, more] = part.split("=");
      const name = Address.decoded(raw);
      const given = value === undefined || more !== undefined ? null : Address.decoded(value);
      if (!name || !given || seen.has(name)) return undefined;
      seen.add(name);
      if (name !== "steps") state.values[name] = given;
      else if (/^\d{1,6}$/.test(given)) state.steps = Number(given);
      else return undefined;
    }
    return state;
  }
  static decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return null;
    }
  }

  /* The present state as it stands behind the #; "" at the start. */
  hash() {
    const { values, steps } = this.hand.model.state();
    const parts = Object.entries(values).map(([id, text]) => `${encodeURIComponent(id)}=${encodeURIComponent(text)}`);
    return parts.concat(steps ? [`steps=${steps}`] : []).join("&");
  }
  link() {
    const hash = this.hash();
    return location.href.split("#")[0] + (hash && `#${hash}`);
  }

  /* What is malformed changes nothing and is said; a mere place in the page is left to the browser. */
  read() {
    const state = Address.parse(location.hash);
    if (state === null || location.hash === this.written) return;
    const isKnown = state && Object.entries(state.values).every(([id, text]) => this.hand.inputs.has(id) && Parts.isPlain(text));
    const why = isKnown ? this.hand.restore(state) : this.hand.say("bad_address");
    if (why) this.complain(isKnown ? `${this.hand.say("bad_address")} ${why.why || why}` : why);
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), Address.REST);
  }

  write() {
    const hash = this.hash();
    /* At the start, a place in the page remains what it is. */
    if (!hash && !location.hash.includes("=")) return;
    this.written = hash && `#${hash}`;
    try {
      history.replaceState(history.state, "", this.link());
    } catch {
      /* Within another page, as in a notebook, there is no address of one's own. */
    }
  }
}

/* Copies a link to the present state, or its file; where the clipboard is closed, the text is there to be copied by hand. */
class Share {
  constructor(hand, address) {
    this.hand = hand;
    this.text = Parts.make("textarea", { readonly: "", rows: "4", spellcheck: "false", "aria-label": hand.say("copy_by_hand") });
    this.hint = Parts.make("p", { class: "hint" });
    this.text.hidden = true;
    this.element = Parts.make("div", { class: "share" });
    /* A page within a notebook has no address that could be sent. */
    if (/^(https?|file):$/.test(location.protocol)) this.element.append(Parts.button(hand.say("copy_link"), () => this.copy(address.link(), "copied_link")));
    if (hand.model.hasFile) this.element.append(Parts.button(hand.say("copy_toml"), () => this.copy(hand.model.toml(), "copied_toml")));
    this.element.append(this.hint, this.text);
  }

  async copy(text, done) {
    let isCopied = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      isCopied = false;
    }
    this.text.hidden = isCopied;
    this.hint.textContent = this.hand.say(isCopied ? done : "copy_by_hand");
    if (isCopied) {
      this.hand.announce(this.hint.textContent);
      return;
    }
    this.text.value = text;
    this.text.focus();
    this.text.select();
  }
}
