/* Numbers as a person types them, and as files have them. */
const WRITTEN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,9})?$/;
const MOST_DIGITS = 200, LARGEST_EXPONENT = 400, KEPT_DIGITS = 30;

/* A decimal number as a person types it, with a decimal point; null for what is none. */
function typed(text, mark) {
  let plain = text.trim().toLowerCase().replace(/[\u2212\u2013]/g, "-").replace(/\s/g, "");
  plain = plain.replace(/[·×*]10\^/, "e");
  if (mark === "," && !plain.includes(".")) plain = plain.replace(",", ".");
  return WRITTEN.test(plain) ? plain : null;
}

/* Whether a number is neither too long nor too large for a file of a network. */
function isSensible(plain) {
  const [digits, power = "0"] = plain.split("e");
  const [whole, decimals = ""] = digits.replace(/^[+-]/, "").split(".");
  const counted = (whole + decimals).replace(/^0+/, "");
  if (counted.length > MOST_DIGITS) return false;
  const leading = counted ? Number(power) + whole.replace(/^0+/, "").length : 0;
  return Math.abs(leading) <= LARGEST_EXPONENT;
}

/* A number as TOML takes it: without a plus, zeros in front, or a point that has digits on one side only. */
function inFile(text) {
  const [, sign, whole, decimals, power = ""] = /^([+-]?)0*(\d*)\.?(\d*)(e.*)?$/.exec(text);
  return (sign === "-" ? "-" : "") + (whole || "0") + (decimals && `.${decimals}`) + power;
}
