/* Exact rationals, balls with a proven radius, and the digits that are certain: what derive/numbers is in Python.

   A rational is m/q, q > 0, reduced only where it grows long. A ball is (m ± r)·2^e; its radius r is a double
   below 2^57: bounds are calculated in doubles and raised by UP, which is far more than doubles lose. */
const Numbers = (() => {
  class Undecided extends Error {}
  class DivisionByZero extends Error {}
  class Unprintable extends Error {}
  class OutsideDomain extends Error {
    constructor(name, value) {
      super(name);
      this.function = name;
      this.value = value;
    }
  }

  const RATIONAL_BITS = 4096, LONGEST_POWER = 20000, FAR_BELOW = 5000;
  const UP = 1 + 2 ** -40, WIDE = 2 ** 40, FAR = 2 ** 50; // FAR: exponents beyond it are not calculated with
  let bits = 128, top = 2 ** 144;
  // Shifts of every operation, made once
  const STEPS = Array.from({ length: 1000 }, (_, n) => BigInt(n)), PARTS = STEPS.map((_, n) => 2 ** -n);
  const big = (n) => (n < 1000 ? STEPS[n] : BigInt(n));

  /* `n` is m as a double, of a ball alone; `e` of a rational is its length when it was last reduced. */
  class Value {
    constructor(isBall, m, q, e, r, n) {
      this.isBall = isBall;
      this.m = m;
      this.q = q;
      this.e = e;
      this.r = r;
      this.n = n;
      this.ball = null; // a rational as a ball,
      this.bits = 0; // of so many bits
    }
  }
  const whole = (m) => new Value(false, BigInt(m), 1n, 0, 0, 0);
  const ZERO = whole(0), ONE = whole(1);
  const ANYTHING = new Value(true, 0n, 1n, 0, Infinity, 0);
  const NEXT_TO_NOTHING = new Value(true, 0n, 1n, 2 ** 20 - FAR, 1, 0);

  function present(more) {
    bits = more;
    top = 2 ** Math.min(bits + 16, 1000);
  }
  function at(wanted, f, x) {
    const before = bits;
    present(wanted);
    try {
      return f(x);
    } finally {
      present(before);
    }
  }
  const finer = (more, f, x) => at(bits + more, f, x);

  const double = new Float64Array(1), words = new Uint32Array(double.buffer);
  const little = new Uint8Array(new Uint32Array([1]).buffer)[0];
  /* The least L with |m| < 2^L, or one more where a double rounds m up. */
  function lengthOf(m) {
    double[0] = Number(m);
    const power = (words[little] >>> 20) & 2047;
    return power === 2047 ? exactLength(m) : power && power - 1022;
  }
  function exactLength(m) {
    const digits = (m < 0n ? -m : m).toString(16);
    return 4 * digits.length - Math.clz32(parseInt(digits[0], 16)) + 28;
  }
  const shifted = (m, by) => (by < 0 ? m >> big(-by) : m << big(by));
  const size = (m) => (m < 0n ? -m : m);

  /* The ball, its mantissa cut to the present bits, or to 20 bits of its radius where that is wide. */
  function ball(m, e, r) {
    const n = Number(m);
    if (n < top && n > -top && r < WIDE && e < FAR && e > -FAR) return new Value(true, m, 1n, e, r, n);
    if (!(r < Infinity) || e >= FAR) return ANYTHING;
    if (e <= -FAR) return NEXT_TO_NOTHING;
    const cut = Math.max(lengthOf(m) - bits, r < WIDE ? 0 : Math.floor(Math.log2(r)) - 20);
    if (cut <= 0) return new Value(true, m, 1n, e, r, n);
    const short = m >> big(cut);
    return new Value(true, short, 1n, e + cut, (r * 2 ** -cut + 1) * UP, Number(short));
  }

  /* The ball 0 ± r·2^e for any r ≥ 0. */
  function around(r, e) {
    if (!(r > 0 && r < Infinity)) return r === 0 ? new Value(true, 0n, 1n, 0, 0, 0) : ANYTHING;
    const power = Math.floor(Math.log2(r)) - 20;
    return ball(0n, e + power, r * 2 ** -power * UP);
  }
  /* The ball with r·2^e more on each side. */
  function widened(v, r, e) {
    if (r === 0) return v;
    const more = r * 2 ** (e - v.e);
    return more > 2 ** -1000 && more < 2 ** 1000 ? ball(v.m, v.e, (v.r + more) * UP) : plus(v, around(r, e));
  }
  /* The ball, each of its values off by a share of r·2^e more. */
  function widenedBy(v, r, e) {
    if (r === 0) return v;
    const more = Math.abs(v.n) * r * 2 ** e * UP;
    if (!(more > 2 ** -900 && more < 2 ** 900)) return plus(v, times(v, around(r, e)));
    return ball(v.m, v.e, (v.r * (1 + r * 2 ** e) + more) * UP);
  }
  /* Around 0, what a ball that does not hold 0 may differ by from its midpoint, as a share of what it is. */
  function share(v) {
    const n = Math.abs(v.n);
    return n < Infinity ? around((v.r / (n - v.r)) * UP, 0) : around(2 * v.r, 1 - lengthOf(v.m));
  }
  const point = (m, e) => new Value(true, m, 1n, e, 0, Number(m));
  const middle = (v) => (v.r === 0 ? v : point(v.m, v.e));
  const low = (v) => point(v.m - BigInt(Math.ceil(v.r)), v.e);
  const high = (v) => point(v.m + BigInt(Math.ceil(v.r)), v.e);
  /* All that lies between a value of one ball and a value of the other. */
  function between(one, other) {
    const half = scaled(minus(one, other), -1), n = Math.abs(half.n) + half.r;
    const bound = n < Infinity || half.r === Infinity ? around(n * UP, half.e) : around(2, half.e + lengthOf(half.m));
    return plus(scaled(plus(one, other), -1), bound);
  }

  function gcd(a, b) {
    while (b > 9007199254740991n) [a, b] = [b, a % b];
    if (b === 0n) return a;
    let x = Number(b), y = Number(a % b);
    while (y) [x, y] = [y, x % y];
    return BigInt(x);
  }
  function reduce(v) {
    const g = gcd(v.q, size(v.m));
    if (g !== 1n) {
      v.m /= g;
      v.q /= g;
    }
    v.e = Math.max(lengthOf(v.m), lengthOf(v.q));
    return v;
  }
  /* The rational m/q, as a ball where it is too long. It is reduced where it has doubled since that was done last. */
  function rational(m, q, e) {
    const v = new Value(false, m, q, e, 0, 0);
    const length = Math.max(lengthOf(m), lengthOf(q));
    if (length <= 2 * e + 512 && length <= RATIONAL_BITS) return v;
    reduce(v);
    return v.e > RATIONAL_BITS ? toBall(v) : v;
  }
  function toBall(v) {
    if (v.isBall) return v;
    if (v.bits !== bits) {
      v.bits = bits;
      v.ball = v.q === 1n ? ball(v.m, 0, 0) : quotient(v.m, v.q);
    }
    return v.ball;
  }
  function quotient(m, q) {
    const by = Math.max(0, bits + 4 + lengthOf(q) - lengthOf(m)), found = (m << big(by)) / q;
    return ball(found, -by, found * q === m << big(by) ? 0 : 1);
  }

  function add(a, b) {
    if (a.isBall || b.isBall) {
      if (!a.isBall && a.m === 0n) return b;
      return !b.isBall && b.m === 0n ? a : plus(toBall(a), toBall(b));
    }
    const e = a.e > b.e ? a.e : b.e;
    if (a.q === b.q) return rational(a.m + b.m, a.q, e);
    if (a.q < b.q) [a, b] = [b, a];
    if (a.q % b.q === 0n) return rational(a.m + b.m * (a.q / b.q), a.q, e);
    const part = a.q / gcd(a.q, b.q);
    return rational(a.m * ((part * b.q) / a.q) + b.m * part, part * b.q, e);
  }

  /* Of two exponents near each other, the finer one is taken; of others the coarser one, at which less than a unit is
     cut off. What is exact is made as fine as the present bits first, where the other one is. */
  function plus(a, b) {
    if (a.e < b.e) [a, b] = [b, a];
    let by = a.e - b.e;
    if (by === 0) return ball(a.m + b.m, a.e, (a.r + b.r) * UP);
    if (a.r === 0 && a.n === 0) return b;
    if (b.r === 0 && b.n === 0) return a;
    let finer = by <= 16 ? by : 0;
    if (a.r === 0 && by > 16) finer = Math.max(0, Math.min(by, bits + 8 - lengthOf(a.m)));
    const m = finer ? a.m << big(finer) : a.m, r = finer ? a.r && a.r * 2 ** finer : a.r;
    by -= finer;
    if (by === 0) return ball(m + b.m, b.e, (r + b.r) * UP);
    return ball(m + (b.m >> big(by)), a.e - finer, (r + b.r * 2 ** -by + 1) * UP);
  }

  const negative = (v) => new Value(v.isBall, -v.m, v.q, v.e, v.r, -v.n);
  const minus = (a, b) => plus(a, negative(b));
  const sub = (a, b) => add(a, negative(b));
  const scaled = (v, power) => ball(v.m, v.e + power, v.r); // a ball times 2^power

  function mul(a, b) {
    if (!a.isBall && a.m === 0n) return ZERO;
    if (!b.isBall && b.m === 0n) return ZERO;
    if (a.isBall || b.isBall) return times(toBall(a), toBall(b));
    return rational(a.m * b.m, a.q * b.q, a.e > b.e ? a.e : b.e);
  }
  function times(a, b) {
    const n = a.n < 0 ? -a.n : a.n, other = b.n < 0 ? -b.n : b.n;
    // |xy − ab| ≤ |a|s + |b|r + rs for x = a ± r, y = b ± s
    const r = (n * b.r + other * a.r + a.r * b.r) * UP;
    if (r < 2 ** 1000) {
      const cut = Math.floor(Math.log2(n * other)) - bits;
      if (!(cut >= 16 && cut < 1000)) return ball(a.m * b.m, a.e + b.e, r);
      return ball((a.m * b.m) >> STEPS[cut], a.e + b.e + cut, (r * PARTS[cut] + 1) * UP);
    }
    if (a.r === Infinity || b.r === Infinity) return ANYTHING;
    // Too long for doubles: |a| < 2^l, |b| < 2^k; cut first, so that the radius has 20 bits or the product its bits.
    const l = lengthOf(a.m), k = lengthOf(b.m);
    const cut = Math.ceil(Math.max(0, l + k - bits, Math.log2(b.r) + l - 20, Math.log2(a.r) + k - 20));
    const bound = times2(b.r, l - cut) + times2(a.r, k - cut) + times2(a.r * b.r, -cut) + 1;
    return ball((a.m * b.m) >> BigInt(cut), a.e + b.e + cut, bound * UP);
  }
  const times2 = (r, power) => (r === 0 ? 0 : r * 2 ** power);

  function div(a, b) {
    if (!b.isBall) {
      if (b.m === 0n) throw new DivisionByZero();
      if (!a.isBall) return b.m < 0n ? rational(-a.m * b.q, a.q * -b.m, a.e) : rational(a.m * b.q, a.q * b.m, a.e);
    }
    return !a.isBall && a.m === 0n ? ZERO : over(toBall(a), toBall(b));
  }
  function over(a, b) {
    const n = Math.abs(b.n);
    if (!(n > 2 * b.r)) return n > b.r * UP ? between(over(a, low(b)), over(a, high(b))) : ANYTHING;
    if (a.r === Infinity) return ANYTHING;
    const l = lengthOf(a.m), k = lengthOf(b.m);
    let by = Math.max(0, bits + 4 + k - l);
    // |x/y − a/b| ≤ (|a/b|s + r)/(|b| − s) for x = a ± r, y = b ± s with |b| > 2s, in units of 2^−by; |b| ≥ 2^(k−2)
    if (a.r > 0 || b.r > 0) {
      const most = Math.max(Math.log2(b.r) + l - 2 * k, Math.log2(a.r) - k);
      by = Math.max(0, Math.min(by, Math.floor(24 - most)));
    }
    const isShort = n < Infinity && Math.abs(a.n) < Infinity;
    const r = isShort && by < 1000
      ? (((Math.abs(a.n) / n) * b.r + a.r) / (n - b.r)) * 2 ** by
      : times2(b.r, l - 2 * k + 6 + by) + times2(a.r, 4 - k + by);
    return ball((a.m << big(by)) / b.m, a.e - b.e - by, (r + 1) * UP);
  }

  function power(v, exponent) {
    if (!v.isBall) {
      if (exponent < 0) return power(div(ONE, v), -exponent);
      reduce(v);
      if ((Math.max(exactLength(v.m), exactLength(v.q)) - 1) * exponent <= RATIONAL_BITS) {
        const n = BigInt(exponent);
        return rational(v.m ** n, v.q ** n, v.e * exponent);
      }
    }
    let found = toBall(ONE), square = toBall(v);
    for (let n = Math.abs(exponent); n; n = Math.floor(n / 2)) {
      if (n % 2) found = times(found, square);
      if (n > 1) square = times(square, square);
    }
    return exponent < 0 ? over(toBall(ONE), found) : found;
  }

  /* -1, 0 or 1; null where a ball leaves it open. */
  function side(v) {
    if (!v.isBall) return v.m > 0n ? 1 : v.m < 0n ? -1 : 0;
    const r = v.r * UP;
    return v.n > r ? 1 : v.n < -r ? -1 : v.r === 0 && v.n === 0 ? 0 : null;
  }
  function sign(v) {
    const found = side(v);
    if (found === null) throw new Undecided();
    return found;
  }
  function larger(a, b) {
    const difference = sub(a, b), found = side(difference);
    if (found !== null) return found < 0 ? b : a;
    return scaled(plus(plus(toBall(a), toBall(b)), absolute(difference)), -1);
  }
  const absolute = (v) => (v.m < 0n ? negative(v) : v);

  /* Whole numbers: the root of a degree, rounded down, by Newton's method from above. */
  function wholeRoot(n, degree) {
    if (n === 0n) return n;
    const k = BigInt(degree), guess = Number(n) ** (1 / degree);
    let x = guess < 2 ** 1000 ? BigInt(Math.ceil(guess * (1 + 2 ** -45))) + 1n : 1n << BigInt(Math.ceil(lengthOf(n) / degree));
    for (;;) {
      const next = degree === 2 ? (x + n / x) >> 1n : ((k - 1n) * x + n / x ** (k - 1n)) / k;
      if (next >= x) return x;
      x = next;
    }
  }
  function rationalRoot(v, degree) {
    const { m, q } = reduce(v), above = wholeRoot(m, degree);
    if (above ** BigInt(degree) !== m) return null;
    const below = wholeRoot(q, degree);
    return below ** BigInt(degree) === q ? new Value(false, above, below, 0, 0, 0) : null;
  }
  function broken(v, p, q) {
    if (q === 2) return power(apply("sqrt", v), p);
    const found = side(v);
    if (found === -1) throw new OutsideDomain("pow", v);
    if (found === null) throw new Undecided();
    if (found === 0) {
      if (p < 0) throw new DivisionByZero();
      return ZERO;
    }
    const exact = v.isBall ? null : rationalRoot(v, q);
    if (exact) return power(exact, p);
    return finer(64, () => exp(toBall(div(mul(log(toBall(v)), whole(p)), whole(q)))));
  }

  /* Fixed point: a number x as floor(x·2^w). Constants lie less than 2 units off. */
  function constant(compute) {
    const found = new Map();
    return (w) => {
      const most = w + 64 - (w % 64);
      if (!found.has(most)) found.set(most, compute(most + 32) >> 32n);
      return found.get(most) >> big(most - w);
    };
  }
  /* artanh(1/n), or arctan(1/n) where every other sign turns. */
  function inverse(n, w, turns) {
    const square = BigInt(n * n);
    let part = (1n << BigInt(w)) / BigInt(n), sum = part;
    for (let i = 3; part; i += 2) {
      part = turns ? -part / square : part / square;
      sum += part / BigInt(i);
    }
    return sum;
  }
  const ln2 = constant((w) => 18n * inverse(26, w) - 2n * inverse(4801, w) + 8n * inverse(8749, w));
  const piOf = constant((w) => 16n * inverse(5, w, true) - 4n * inverse(239, w, true));
  const pi = () => ball(piOf(bits + 8), -bits - 8, 2);

  /* e^t for |t| ≤ 1/2, less than 3 units off for t as it is: the series of t/2^j with j + 12 more bits (each term 2 units
     off), squared j times (which doubles the error and adds a unit and a half). */
  function fixedExp(t, w) {
    const j = Math.round(0.6 * Math.sqrt(w)), u = BigInt(w + j + 12);
    const small = t << 12n; // t/2^j with w + j + 12 bits
    let term = small, sum = (1n << u) + small;
    for (let i = 2n; term > 1n || term < -1n; i++) {
      term = ((term * small) >> u) / i;
      sum += term;
    }
    for (let i = 0; i < j; i++) sum = (sum * sum) >> u;
    return sum >> BigInt(j + 12);
  }
  /* The sums of t^i/i! over i = first, first + 2, …, with turning signs where `turn` is -1n; two units off for a term. */
  function everySecond(t, w, first, turn) {
    const by = BigInt(w), square = turn * ((t * t) >> by);
    let term = first ? t : 1n << by, sum = term, i = first;
    for (; term; i += 2) {
      term = ((term * square) >> by) / BigInt((i + 1) * (i + 2));
      sum += term;
    }
    return ball(sum, -w, i + 8);
  }
  /* A point as a double, next to it. */
  function nearby(v) {
    if (Math.abs(v.n) < Infinity) return v.n * 2 ** Math.max(v.e, -1100);
    const cut = lengthOf(v.m) - 64;
    return Number(v.m >> BigInt(cut)) * 2 ** Math.max(v.e + cut, -1100);
  }
  const spread = (v) => v.r * 2 ** v.e;
  const topOf = (v) => v.e + lengthOf(v.m); // |v| < 2^topOf(v) for a point

  function exp(v) {
    if (v.r === Infinity) return ANYTHING;
    if (spread(v) > 2 ** -8) return between(exp(low(v)), exp(high(v)));
    const near = nearby(v);
    if (Math.abs(near) > FAR / 2) return near > 0 ? ANYTHING : NEXT_TO_NOTHING;
    // No more bits than those that are known: the spread is small.
    const w = v.r > 0 ? Math.max(40, Math.min(bits + 8, 40 - v.e)) : bits + 8;
    const k = Math.round(near / Math.LN2), more = w + (Math.abs(k) < 4096 ? 16 : 64);
    const t = (shifted(v.m, v.e + more) - BigInt(k) * ln2(more)) >> BigInt(more - w); // 3 units off
    const found = ball(fixedExp(t, w), k - w, 8);
    // e^(x ± s) differs from e^x by less than e^x·s(1 + s).
    return widenedBy(found, v.r * 1.01, v.e);
  }

  /* ln(1 + x) for |x| < 2^−20, and how far off it may be. */
  function fixedLog(x, by) {
    let part = x, sum = x, i = 2;
    for (; part > 1n || part < -1n; i++) {
      part = -((part * x) >> by);
      sum += part / BigInt(i);
    }
    return [sum, 2 * i + 4];
  }
  function logSeries(v) {
    if (v.m === 0n) return v;
    const w = bits + 16 - topOf(v), [sum, off] = fixedLog(shifted(v.m, v.e + w), BigInt(w));
    return ball(sum, -w, off);
  }
  /* ln f = l + ln(f·e^−l) with l from a double: what is left is below 2^−40 and the series is short. */
  function logPoint(v) {
    const length = lengthOf(v.m), w = bits + 40, by = BigInt(w);
    let k = v.e + length, f = shifted(v.m, w - length), near = Number(shifted(v.m, 64 - length)) * 2 ** -64;
    if (near < 0.7) {
      k -= 1;
      f = shifted(v.m, w - length + 1);
      near *= 2;
    }
    if (k === 0 && Math.abs(near - 1) < 2 ** -21) return logSeries(point(v.m - (1n << BigInt(-v.e)), v.e));
    const l = BigInt(Math.round(Math.log(near) * 2 ** 50)) << (by - 50n);
    const x = ((f * fixedExp(-l, w)) >> by) - (1n << by); // 8 units off
    const [sum, off] = fixedLog(x, by);
    return ball(sum + l + BigInt(k) * ln2(w), -w, 2 * Math.abs(k) + off + 10);
  }
  function log(v) {
    if (v.r === 0) return logPoint(v);
    if (v.r * 256 > v.n) return between(logPoint(low(v)), logPoint(high(v)));
    return plus(logPoint(middle(v)), share(v));
  }
  function log1p(v) {
    if (topOf(v) > -21 || spread(v) > 2 ** -21) return finer(40, (x) => log(plus(toBall(ONE), x)), v);
    return widened(logSeries(middle(v)), v.r * 1.01, v.e);
  }

  function sqrtPoint(v) {
    let by = 2 * (bits + 8) - lengthOf(v.m);
    if ((v.e - by) % 2) by += 1;
    return ball(wholeRoot(shifted(v.m, by), 2), (v.e - by) / 2, 2);
  }
  /* What lies below 0 by the width of the ball alone counts as 0. */
  function sqrt(v) {
    if (v.r === Infinity) return ANYTHING;
    if (side(v) !== 1) return side(v) === 0 ? v : between(toBall(ZERO), sqrtPoint(high(v)));
    if (v.r * 256 > v.n) return between(sqrtPoint(low(v)), sqrtPoint(high(v)));
    const found = sqrtPoint(middle(v));
    return v.r === 0 ? found : plus(found, times(found, share(v)));
  }

  /* sin x, or cos x = sin(x + π/2) where `more` is 1. A multiple of π/2 is taken off first. */
  function wave(v, more) {
    const length = topOf(v);
    if (!(spread(v) < 1) || length > 2 * bits + 64) return around(1, 0);
    const w = bits + 16 + (more ? 0 : Math.max(0, -length)), all = w + Math.max(0, length) + 8;
    const x = shifted(v.m, v.e + all), isFirst = length < 0, right = isFirst ? 0n : piOf(all) >> 1n;
    const k = isFirst ? 0n : (x + (right >> 1n)) / right - (x + (right >> 1n) < 0n ? 1n : 0n);
    const quarter = Number((k + BigInt(more)) & 3n);
    const found = everySecond((x - k * right) >> BigInt(all - w), w, quarter % 2 ? 0 : 1, -1n); // argument 4 units off
    return widened(quarter > 1 ? negative(found) : found, v.r, v.e);
  }
  const isSmall = (v) => topOf(v) < -3 && spread(v) < 2 ** -5;
  function smallSinh(v) {
    if (v.n === 0) return around(v.r * 1.01, v.e);
    const w = bits + 16 - topOf(v);
    return widened(everySecond(shifted(v.m, v.e + w), w, 1, 1n), v.r * 1.01, v.e);
  }
  function hyperbolic(v, combine) {
    return finer(8, () => {
      const up = exp(v);
      return scaled(combine(up, over(toBall(ONE), up)), -1);
    });
  }
  const sinh = (v) => (isSmall(v) ? smallSinh(v) : hyperbolic(v, minus));
  const cosh = (v) => hyperbolic(v, plus);
  /* (1 − y)/(1 + y) with y = e^−2|x|, which may be next to nothing. */
  function tanh(v) {
    if (isSmall(v)) return widened(over(smallSinh(middle(v)), cosh(middle(v))), v.r, v.e);
    if (v.n < 0) return negative(tanh(negative(v)));
    return finer(8, () => {
      const y = exp(negative(scaled(v, 1))), one = toBall(ONE);
      return over(minus(one, y), plus(one, y));
    });
  }

  /* e^−z² of a point */
  function bell(v) {
    if (topOf(v) > 40) return NEXT_TO_NOTHING;
    return finer(16 + 2 * Math.max(0, topOf(v)), (z) => exp(negative(times(z, z))), v);
  }
  const rootOfPi = () => sqrt(pi());
  /* erf z = 2z/√π·e^−z²·(1 + 2z²/3 + (2z²)²/(3·5) + …). With N terms the sum is known up to (4N + 8) of its units: each
     term is cut twice, what it passes on is less than the sum itself, and z² is cut once. */
  function erfPoint(v) {
    if (v.m === 0n) return v;
    const near = nearby(v) ** 2;
    if (near > 0.7 * bits + 10) {
      const one = toBall(ONE), found = between(minus(one, bell(v)), one);
      return v.n < 0 ? negative(found) : found;
    }
    const w = bits + 16, by = BigInt(w), square = shifted(v.m * v.m, 2 * v.e + 1 + w);
    let term = 1n << by, sum = term, i = 1;
    for (; term || i < 4 * near; i += 2) {
      term = ((term * square) >> by) / BigInt(i + 2);
      sum += term;
    }
    const series = widenedBy(ball(sum, -w, 0), 2 * i + 8, -w);
    return times(times(over(scaled(v, 1), rootOfPi()), bell(v)), series);
  }
  /* erf′ x = 2/√π·e^−x², the largest in a ball where |x| is the least. */
  function erf(v) {
    const least = Math.max(0, Math.abs(nearby(v)) - spread(v));
    return widened(erfPoint(middle(v)), v.r * Math.max(1.13 * Math.exp(-0.99 * least * least), 1e-300), v.e);
  }

  /* Of a point z > 0 far out: e^−z²/(z√π)·(1 − 1/(2z²) + 3/(2z²)² − …), off by less than the first term left out. */
  function farErfc(v) {
    const w = bits + 16, by = BigInt(w), x = shifted(1n, w - 1 - 2 * v.e) / (v.m * v.m); // 1/(2z²), cut once
    const last = Math.min(nearby(v) ** 2, 2 * bits);
    let term = 1n << by, sum = term, i = 1;
    for (; (term > 1n || term < -1n) && i < 2 * last; i += 2) {
      term = -((term * x * BigInt(i)) >> by);
      sum += term;
    }
    const series = ball(sum, -w, 4 * i + 16 + Number(size(term)));
    return over(times(bell(v), series), times(v, rootOfPi()));
  }
  function erfcPoint(v) {
    const near = nearby(v), square = near * near;
    if (near > 1 && square > 0.72 * (bits + 24)) return finer(8, farErfc, v);
    const lost = near > 1 ? Math.ceil(1.45 * square) + 16 : 8;
    return finer(lost, (z) => minus(toBall(ONE), erfPoint(z)), v);
  }
  /* |erfc′| ≤ 2/√π, and above 1 it is below (2z + 2)·erfc z, e^(2zs) more at z − s. */
  function erfc(v) {
    if (v.r === Infinity) return ANYTHING;
    const near = nearby(v), off = spread(v);
    if (near < 1) return sub(ONE, erf(v));
    if (2 * near * off > 1 / 16) return between(erfcPoint(low(v)), erfcPoint(high(v)));
    const found = erfcPoint(middle(v));
    return widenedBy(found, v.r * (2 * near + 2) * 1.1, v.e);
  }

  /* For each function: of a ball; the one rational at which it is rational, and its value there; the end of its domain. */
  const FUNCTIONS = {
    exp: [exp, 0n, ONE],
    log: [log, 1n, ZERO, 0],
    log1p: [log1p, 0n, ZERO, -1],
    erf: [erf, 0n, ZERO],
    erfc: [erfc, 0n, ONE],
    sin: [(v) => wave(v, 0), 0n, ZERO],
    cos: [(v) => wave(v, 1), 0n, ONE],
    tan: [(v) => over(wave(v, 0), wave(v, 1)), 0n, ZERO],
    sinh: [sinh, 0n, ZERO],
    cosh: [cosh, 0n, ONE],
    tanh: [tanh, 0n, ZERO],
  };
  function isWhole(v, n) {
    return v.isBall ? v.r === 0 && side(minus(v, toBall(whole(n)))) === 0 : v.m === n * v.q;
  }
  function apply(name, v) {
    if (name === "abs") return absolute(v);
    if (name === "sign") return whole(sign(v));
    if (name === "sqrt") {
      if (side(v) === -1) throw new OutsideDomain("sqrt", v);
      return (v.isBall ? null : rationalRoot(v, 2)) || sqrt(toBall(v));
    }
    const [f, argument, value, least] = FUNCTIONS[name];
    if (least !== undefined) {
      const inside = side(least ? add(v, ONE) : v);
      if (inside === null) throw new Undecided();
      if (inside < 1) throw new OutsideDomain(name, v);
    }
    return isWhole(v, argument) ? value : f(toBall(v));
  }

  const tens = [1n];
  function ten(power) {
    if (power > 999) return 10n ** BigInt(power);
    while (tens.length <= power) tens.push(tens[tens.length - 1] * 10n);
    return tens[power];
  }
  function tenTo(power) {
    if (Math.abs(power) <= LONGEST_POWER) return power < 0 ? new Value(false, 1n, ten(-power), 0, 0, 0) : whole(ten(power));
    return finer(64, () => exp(times(log(toBall(whole(10))), toBall(whole(power)))));
  }
  /* floor(|v|·10^digits + 1/2): the decimals, a tie away from zero. */
  function decimals(v, digits) {
    if (!v.isBall) {
      const m = 2n * size(v.m), q = digits < 0 ? v.q * ten(-digits) : v.q;
      return ((digits > 0 ? m * ten(digits) : m) + q) / (2n * q);
    }
    if (v.r === Infinity) throw new Undecided();
    if (Math.abs(digits) > LONGEST_POWER) return decimals(times(absolute(v), toBall(tenTo(digits))), 0);
    // Nearly always doubles decide it.
    const n = Math.abs(v.n), near = n * 2 ** v.e * 10 ** digits, off = near * (2 ** -48 + v.r / n);
    const part = near + 0.5 - Math.floor(near + 0.5);
    if (near < 2 ** 44 && Math.abs(digits) < 22 && part > off && part < 1 - off) return BigInt(Math.floor(near + 0.5));
    const middle = size(v.m), r = BigInt(Math.ceil(v.r)), above = 2n * (digits > 0 ? ten(digits) : 1n);
    const up = v.e > 0 ? BigInt(v.e) : 0n, q = (digits < 0 ? ten(-digits) : 1n) << (v.e < 0 ? BigInt(-v.e) : 0n);
    const from = (((middle - r) * above) << up) + q, to = (((middle + r) * above) << up) + q;
    const first = from < 0n ? -1n : from / (2n * q);
    if (first !== to / (2n * q)) throw new Undecided();
    return first;
  }
  const isExactly = (v, found, digits) =>
    !v.isBall && (digits < 0 ? size(v.m) === found * v.q * ten(-digits) : size(v.m) * ten(digits) === found * v.q);

  function fixed(found, digits, isNegative) {
    let text = found.toString();
    if (digits > 0) {
      text = text.padStart(digits + 1, "0");
      text = `${text.slice(0, -digits)}.${text.slice(-digits)}`;
    }
    return isNegative && found !== 0n ? `-${text}` : text;
  }
  const bare = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  function withDecimals(v, digits) {
    const found = decimals(v, digits), exact = isExactly(v, found, digits);
    const text = fixed(found, digits, v.m < 0n);
    return { text: exact ? bare(text) : text, exact };
  }
  const LOG10_2 = Math.log10(2);
  /* The value as a whole number of `digits` + 1 digits, and the power of ten of the first of them: upwards from below,
     as 9.9996 rounds to 10.000 only where no finer power fits. */
  function mantissa(v, digits) {
    if (v.isBall && !side(v)) throw new Undecided();
    let power;
    if (v.isBall) {
      const length = lengthOf(v.m), lead = Number(shifted(size(v.m), 60 - length)) * 2 ** -60;
      const log = (Math.log2(lead) + length + v.e) * LOG10_2;
      power = Math.floor(log - 1e-6 - Math.abs(log) * 1e-14);
    } else power = Math.floor((lengthOf(v.m) - lengthOf(v.q) - 2) * LOG10_2);
    const end = ten(digits + 1);
    let found = decimals(v, digits - power);
    while (found >= end) {
      power += 1;
      found = decimals(v, digits - power);
    }
    return [found, power];
  }
  function scientific(v, digits) {
    const [found, power] = mantissa(v, digits), exact = isExactly(v, found, digits - power);
    const text = fixed(found, digits, v.m < 0n);
    return { text: `${exact ? bare(text) : text}e${power}`, exact };
  }
  /* Whether |v| < 10^power; a ball that holds the edge counts as below. */
  function isBelow(v, power) {
    if (!v.isBall) return power < 0 ? size(v.m) * ten(-power) < v.q : size(v.m) < v.q * ten(power);
    const near = Math.abs(v.n) * 2 ** v.e, edge = 10 ** power;
    if (v.r * 2 ** 30 < Math.abs(v.n) && edge > 1e-300 && near < Infinity) {
      if (near > edge * (1 + 1e-6)) return false;
      if (near < edge * (1 - 1e-6)) return true;
    }
    const found = side(sub(absolute(v), tenTo(power)));
    return found !== 0 && found !== 1;
  }
  /* A ball that holds 0 and is far smaller than the last digit, as where terms cancel. */
  function isLost(v, digits) {
    if (!v.isBall || side(v) !== null || v.r === Infinity) return false;
    if (v.e < -FAR / 2) throw new Unprintable();
    return topOf(v) + 60 < (-digits - FAR_BELOW) / LOG10_2;
  }
  const isZero = (v) => side(v) === 0;

  const ofDecimals = (round) => (v, digits) =>
    isZero(v) ? { text: "0", exact: true } : isLost(v, digits) ? { text: fixed(0n, digits), exact: false } : round(v, digits);
  const roundExact = ofDecimals((v, digits) => {
    const fits = !v.isBall && (v.m * ten(digits)) % v.q === 0n;
    const isTooSmall = !fits && isBelow(v, Math.min(4, digits) - 1 - digits);
    return isTooSmall || !isBelow(v, 15) ? scientific(v, Math.max(3, digits)) : withDecimals(v, digits);
  });
  const roundFixed = ofDecimals((v, digits) =>
    isBelow(v, 15) ? withDecimals(v, digits) : scientific(v, Math.max(3, digits)));
  function roundSignificant(v, digits) {
    if (isZero(v)) return { text: "0", exact: true };
    if (isLost(v, digits)) return { text: "0", exact: false };
    const power = mantissa(v, digits - 1)[1];
    return power >= -4 && power < digits ? withDecimals(v, digits - 1 - power) : scientific(v, digits - 1);
  }
  const byHand = (v, digits, { significant }) => (significant ? roundSignificant : roundFixed)(v, digits);

  function print(v, digits, rounding) {
    if (!rounding) return roundExact(v, digits);
    const found = byHand(v, rounding.digits, rounding);
    if (digits >= rounding.digits) return found;
    const again = byHand(asPrinted(found.text), digits, rounding);
    return { text: again.text, exact: found.exact && again.exact };
  }
  const carried = (v, rounding) => (rounding ? asPrinted(byHand(v, rounding.digits, rounding).text) : v);

  const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,17}))?$/;
  /* A decimal as a whole number and the power of ten that it is multiplied by; null where it is none. */
  function parts(text) {
    const found = DECIMAL.exec(text);
    if (!found || !(found[2] || found[3])) return null;
    const decimals = found[3] || "", m = BigInt(found[2] + decimals);
    return [found[1] === "-" ? -m : m, Number(found[4] || 0) - decimals.length];
  }
  function asPrinted(text) {
    const [m, power] = parts(text);
    return Math.abs(power) > LONGEST_POWER ? mul(whole(m), tenTo(power))
      : power < 0 ? new Value(false, m, ten(-power), 0, 0, 0) : whole(m * ten(power));
  }
  /* The rational that a text is; null where it is none, or has a power of ten that is too long to write out. */
  function read(text) {
    const halves = text.split("/");
    if (halves.length === 2) {
      if (!halves.every((half, i) => (i ? /^\d+$/ : /^[+-]?\d+$/).test(half)) || BigInt(halves[1]) === 0n) return null;
      return reduce(new Value(false, BigInt(halves[0]), BigInt(halves[1]), 0, 0, 0));
    }
    const found = parts(text);
    return found && Math.abs(found[1]) <= LONGEST_POWER ? asPrinted(text) : null;
  }
  const isSame = (left, right) => {
    const [m, power] = parts(left), [n, other] = parts(right);
    const digits = m.toString().replace(/0+$/, ""), others = n.toString().replace(/0+$/, "");
    return digits === others && (!digits || power + m.toString().length === other + n.toString().length);
  };

  /* The double next to m·2^e, a tie to the even one; a remainder below m is its last bit. */
  function toDouble(m, e) {
    const length = m === 0n ? 0 : exactLength(m), unit = Math.max(length + e - 53, -1074), cut = unit - e;
    if (length + e > 1024) return m < 0n ? -Infinity : Infinity;
    if (cut <= 0) return Number(m) * 2 ** Math.max(e, -1074) || 0;
    if (cut > length + 1) return 0;
    const by = BigInt(cut), above = size(m);
    let found = above >> by;
    const twice = (above - (found << by)) * 2n, one = 1n << by;
    if (twice > one || (twice === one && found & 1n)) found += 1n;
    const scaled = Number(found) * 2 ** Math.max(unit, -1000) * 2 ** Math.min(unit + 1000, 0);
    return (m < 0n ? -scaled : scaled) || 0;
  }
  function nearestFloat(v) {
    if (v.isBall) {
      if (v.r === Infinity) throw new Undecided();
      if (v.r === 0) return toDouble(v.m, v.e);
      const r = BigInt(Math.ceil(v.r)), from = Number(v.m - r), near = from * 2 ** v.e;
      if (from === Number(v.m + r) && Math.abs(near) > 1e-300 && Math.abs(near) < 1e300) return near;
      const least = toDouble(low(v).m, v.e), most = toDouble(high(v).m, v.e);
      if (least !== most) throw new Undecided();
      return most;
    }
    if (lengthOf(v.m) < 53 && lengthOf(v.q) < 53) return Number(v.m) / Number(v.q);
    const by = Math.max(0, 64 + lengthOf(v.q) - lengthOf(v.m)), m = size(v.m) << big(by), found = m / v.q;
    const sticky = 2n * found + (found * v.q === m ? 0n : 1n);
    return toDouble(v.m < 0n ? -sticky : sticky, -by - 1);
  }
  /* A rational as [numerator, denominator], reduced. */
  const fraction = (v) => (reduce(v), [v.m, v.q]);

  return Object.freeze({
    at, read, isRational: (v) => !v.isBall, fraction, add, sub, mul, div, neg: negative, power, broken, larger, pi, apply,
    sign, print, carried, asPrinted, same: isSame, nearestFloat, Undecided, OutsideDomain, DivisionByZero, Unprintable,
  });
})();
