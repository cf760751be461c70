"use strict";
/* The program and its data stand in the page packed, as they would be most of it. Unpacked, the program is a script as
   any other: its hash stands in the page's policy, and a browser runs no other one. */
(async () => {
  // The signs of RFC 1924, with a comma, a point and a colon for those that mean something in HTML; five are four bytes.
  const signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%.()*+-;,=:?@^_`{|}~";
  const values = new Map(Array.from(signs, (sign, value) => [sign, value]));
  const unpacked = (id) => {
    const text = document.getElementById(id).textContent, bytes = new Uint8Array((4 * text.length) / 5);
    for (let i = 0, at = 0; i < text.length; i += 5) {
      let value = 0;
      for (let j = i; j < i + 5; j++) value = value * 85 + (values.get(text[j]) ?? 84);
      for (let by = 24; by >= 0; by -= 8) bytes[at++] = value / 2 ** by;
    }
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
  };
  if (!("DecompressionStream" in window)) {
    document.querySelector("[data-notice=old]").hidden = false;
    return;
  }
  const [data, program] = await Promise.all([unpacked("explore-data"), unpacked("explore-program")]);
  document.getElementById("explore-data").textContent = data;
  const script = document.createElement("script");
  script.textContent = program;
  document.body.append(script);
})();
