/**
 * exp, log, sin and cos in float64 from + - * / alone. `Math.exp` and its kin are implementation-defined and differ
 * between Node versions; these give the same bits everywhere, to within a few units in the last place.
 */

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const SQRT_HALF = Math.SQRT1_2;
const EXP_OVERFLOW = 709.782712893384;
const EXP_UNDERFLOW = -745.1332191019412;
const SERIES_TERMS = 14;
/** 2^-1022, the smallest normal float64. */
const SMALLEST_NORMAL = 2.2250738585072014e-308;

const bits = new DataView(new ArrayBuffer(8));

/** x * 2^power, also where 2^power alone is outside the range. */
function scaleByPower(x: number, power: number): number {
  let scaled = x;
  let rest = power;
  while (rest > 1000) {
    scaled *= powerOfTwo(1000);
    rest -= 1000;
  }
  while (rest < -1000) {
    scaled *= powerOfTwo(-1000);
    rest += 1000;
  }
  return scaled * powerOfTwo(rest);
}

/** 2^power for -1022 <= power <= 1023, from its bits: `**` is implementation-defined too. */
function powerOfTwo(power: number): number {
  bits.setUint32(0, (power + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** e^x: reduction to |r| <= ln 2 / 2, then the Taylor series summed from its smallest term. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > EXP_OVERFLOW) return Number.POSITIVE_INFINITY;
  if (x < EXP_UNDERFLOW) return 0;
  const k = Math.floor(x / Math.LN2 + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let tail = 0;
  for (let n = SERIES_TERMS; n >= 2; n--) tail = (tail + 1) * (r / n);
  return scaleByPower(1 + (r + r * tail), k);
}

/** Natural logarithm: x = m 2^k with m in [sqrt(1/2), sqrt 2), then 2 atanh((m-1)/(m+1)) as a series. */
export function log(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return x;
  let k = 0;
  let value = x;
  if (value < SMALLEST_NORMAL) {
    value *= powerOfTwo(54);
    k = -54;
  }
  bits.setFloat64(0, value);
  const high = bits.getUint32(0);
  k += (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0xfffff) | (1023 << 20));
  let m = bits.getFloat64(0);
  if (m > 2 * SQRT_HALF) {
    m /= 2;
    k += 1;
  }
  const f = m - 1;
  const s = f / (2 + f);
  const square = s * s;
  let series = 0;
  for (let n = 23; n >= 3; n -= 2) series = (series + 1 / n) * square;
  const correction = f * f * 0.5;
  return k * LN2_HIGH - (correction - (s * (correction + 2 * series) + k * LN2_LOW) - f);
}

const PI_HALF_HIGH = 1.5707963267341256;
const PI_HALF_MIDDLE = 6.077100506303966e-11;
const PI_HALF_LOW = 2.0222662487959506e-21;

/** x = n pi/2 + r with |r| <= pi/4; exact enough for |x| < 2^20, which is all this project asks. */
function reduceQuarter(x: number): { quadrant: number; r: number } {
  const n = Math.floor(x / (Math.PI / 2) + 0.5);
  return { quadrant: ((n % 4) + 4) % 4, r: x - n * PI_HALF_HIGH - n * PI_HALF_MIDDLE - n * PI_HALF_LOW };
}

function sinSeries(r: number): number {
  const square = r * r;
  let series = 0;
  for (let n = 19; n >= 3; n -= 2) series = (1 + series) * (-square / (n * (n - 1)));
  return r + r * series;
}

function cosSeries(r: number): number {
  const square = r * r;
  let series = 0;
  for (let n = 20; n >= 4; n -= 2) series = (1 + series) * (-square / (n * (n - 1)));
  return 1 - square / 2 - (square / 2) * series;
}

/** Sine of x in radians, |x| < 2^20. */
export function sin(x: number): number {
  if (x === 0) return x;
  const { quadrant, r } = reduceQuarter(x);
  if (quadrant === 0) return sinSeries(r);
  if (quadrant === 1) return cosSeries(r);
  return quadrant === 2 ? -sinSeries(r) : -cosSeries(r);
}

/** Cosine of x in radians, |x| < 2^20. */
export function cos(x: number): number {
  const { quadrant, r } = reduceQuarter(x);
  if (quadrant === 0) return cosSeries(r);
  if (quadrant === 1) return -sinSeries(r);
  return quadrant === 2 ? -cosSeries(r) : sinSeries(r);
}
