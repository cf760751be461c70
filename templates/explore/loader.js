"use strict";
/* The program and its data stand in the page packed, as they would be most of it. Unpacked, the program is a script as
   any other: its hash stands in the page's policy, and a browser runs no other one. */
(async () => {
  const unpacked = (id) => {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (sign) => sign.charCodeAt(0));
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
