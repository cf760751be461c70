"use strict";
/* Checks what is written into the blanks, in this page alone: nothing is sent, stored or loaded. What is accepted is
   written down here so that a glance does not see it. That is no secret: who knows how, can read it. */
(() => {
  const K = ("428a2f9871374491b5c0fbcfe9b5dba53956c25b59f111f1923f82a4ab1c5ed5d807aa9812835b01243185be550c7dc3" +
    "72be5d7480deb1fe9bdc06a7c19bf174e49b69c1efbe47860fc19dc6240ca1cc2de92c6f4a7484aa5cb0a9dc76f988da" +
    "983e5152a831c66db00327c8bf597fc7c6e00bf3d5a7914706ca63511429296727b70a852e1b21384d2c6dfc53380d13" +
    "650a7354766a0abb81c2c92e92722c85a2bfe8a1a81a664bc24b8b70c76c51a3d192e819d6990624f40e3585106aa070" +
    "19a4c1161e376c082748774c34b0bcb5391c0cb34ed8aa4a5b9cca4f682e6ff3748f82ee78a5636f84c878148cc70208" +
    "90befffaa4506cebbef9a3f7c67178f2").match(/.{8}/g).map((word) => parseInt(word, 16));
  const START = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
  const turned = (word, by) => (word >>> by) | (word << (32 - by));

  /* SHA-256 of fewer than 56 bytes. */
  function sha256(bytes) {
    const block = new Uint8Array(64);
    block.set(bytes);
    block[bytes.length] = 0x80;
    const view = new DataView(block.buffer);
    view.setUint32(60, bytes.length * 8);
    const w = Array.from({ length: 16 }, (_, place) => view.getUint32(4 * place));
    for (let i = 16; i < 64; i++) {
      const a = w[i - 15], b = w[i - 2];
      const s0 = turned(a, 7) ^ turned(a, 18) ^ (a >>> 3), s1 = turned(b, 17) ^ turned(b, 19) ^ (b >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = START;
    for (let i = 0; i < 64; i++) {
      const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25), s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
      const one = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    const found = new DataView(new ArrayBuffer(32));
    [a, b, c, d, e, f, g, h].forEach((word, place) => found.setUint32(4 * place, word + START[place]));
    return new Uint8Array(found.buffer);
  }

  /* What hides under a code and the number of a blank. */
  function shown(hidden, code, number) {
    const bytes = hidden.match(/../g).map((pair) => parseInt(pair, 16));
    let key = [];
    for (let block = 0; key.length < bytes.length; block++) {
      key = key.concat(Array.from(sha256(new TextEncoder().encode(`${code}:${number}:${block}`))));
    }
    return new TextDecoder().decode(Uint8Array.from(bytes, (byte, place) => byte ^ key[place]));
  }

  /* A number as a fraction of whole numbers, exactly; null for what is none. */
  function read(text, mark) {
    const signs = mark === "," ? "[.,]" : "[.]";
    const form = new RegExp(`^([+-]?)(\\d*)(?:${signs}(\\d*))?(?:(?:e|[·×*]10\\^)([+-]?\\d{1,3}))?$`);
    const found = form.exec(text.replace(/\s/g, "").replace(/[\u2212\u2013]/g, "-").toLowerCase());
    if (!found || !(found[2] || found[3])) return null;
    const [, sign, whole, part = "", power = "0"] = found;
    const tens = Number(power) - part.length;
    const value = BigInt(whole + part) * (sign === "-" ? -1n : 1n);
    return tens < 0 ? [value, 10n ** BigInt(-tens)] : [value * 10n ** BigInt(tens), 1n];
  }

  /* Whether low <= the answer <= high, each of them a fraction, exactly. */
  function accepts(bounds, [value, parts]) {
    const [low, high] = bounds.split(" ").map((text) => text.split("/").map(BigInt));
    return low[0] * parts <= value * low[1] && value * high[1] <= high[0] * parts;
  }

  const status = document.getElementById("verdicts");
  const words = status.dataset;

  function check(field) {
    const verdict = document.getElementById(field.getAttribute("aria-describedby"));
    const given = field.value.trim();
    const answer = given && read(given, words.mark);
    const isRight = Boolean(answer) && accepts(shown(field.dataset.accepted, words.code, field.name), answer);
    const kind = !given ? "" : !answer ? "unreadable" : isRight ? "right" : "wrong";
    verdict.className = `verdict ${kind}`;
    verdict.textContent = kind && words[kind];
    if (kind && kind !== "right") field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    const numbers = [...document.querySelectorAll("input[data-accepted]")];
    const right = numbers.filter((each) => document.getElementById(each.getAttribute("aria-describedby")).classList.contains("right"));
    status.textContent = kind ? `${field.name}: ${words[kind]} (${right.length}/${numbers.length})` : "";
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("input[data-accepted]")) check(event.target);
  });
})();
