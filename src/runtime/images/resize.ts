/**
 * Pictures of another size: first the width changes, then the height, each rounded to bytes, byte for byte as Pillow's BILINEAR does each. A new pixel
 * is a weighted mean of the old ones around its place, the weights a triangle that reaches to its neighbours, at least to those of the old size.
 */

interface Weights {
  /** of each new pixel: the first old one, and how many */
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `most` for each */
  readonly most: number;
  readonly weights: Int32Array;
}
/** weights are whole numbers of 2^-BITS */
const BITS = 22;

function weightsOf(from: number, to: number): Weights {
  const scale = from / to;
  const wide = Math.max(scale, 1);
  const most = Math.ceil(wide) * 2 + 1;
  const [first, count] = [new Int32Array(to), new Int32Array(to)];
  const weights = new Int32Array(to * most);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - wide + 0.5));
    const high = Math.min(from, Math.trunc(centre + wide + 0.5));
    const own = Array.from({ length: high - low }, (_, k) =>
      Math.max(0, 1 - Math.abs((k + low - centre + 0.5) * (1 / wide))),
    );
    const sum = own.reduce((a, b) => a + b, 0);
    first[i] = low;
    count[i] = high - low;
    own.forEach((w, k) => {
      weights[i * most + k] = Math.trunc(0.5 + (w / sum) * (1 << BITS));
    });
  }
  return { first, count, most, weights };
}
const clipped = (x: number): number => Math.min(255, Math.max(0, x >> BITS));

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** rows of pixels, 4 bytes each: red, green, blue, and one that is not looked at */
  readonly data: Uint8Array | Uint8ClampedArray;
}
/** planes of red, green and blue, [3, height, width], into `to` */
export function planes(p: Picture, height: number, width: number, to: Uint8Array): void {
  // rows first: of planes
  let rows = new Uint8Array(3 * p.height * width);
  if (width === p.width) rows = separate(p);
  else {
    const w = weightsOf(p.width, width);
    for (let y = 0; y < p.height; y++)
      for (let x = 0; x < width; x++) {
        let [r, g, b] = [1 << (BITS - 1), 1 << (BITS - 1), 1 << (BITS - 1)];
        let at = 4 * (y * p.width + w.first[x]!);
        for (let k = 0; k < w.count[x]!; k++, at += 4) {
          const weight = w.weights[x * w.most + k]!;
          r += p.data[at]! * weight;
          g += p.data[at + 1]! * weight;
          b += p.data[at + 2]! * weight;
        }
        const own = y * width + x;
        rows[own] = clipped(r);
        rows[p.height * width + own] = clipped(g);
        rows[2 * p.height * width + own] = clipped(b);
      }
  }
  if (height === p.height) {
    to.set(rows);
    return;
  }
  const w = weightsOf(p.height, height);
  for (let c = 0; c < 3; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        let sum = 1 << (BITS - 1);
        for (let k = 0; k < w.count[y]!; k++)
          sum += rows[(c * p.height + w.first[y]! + k) * width + x]! * w.weights[y * w.most + k]!;
        to[(c * height + y) * width + x] = clipped(sum);
      }
}
function separate({ width, height, data }: Picture): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) out[c * width * height + i] = data[4 * i + c]!;
  return out;
}
