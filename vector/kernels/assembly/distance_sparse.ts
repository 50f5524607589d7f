/**
 * Distances of sparse rows: two lists in order of their indices, merged.
 *
 * | offset | size | field |
 * | -----: | ---: | --- |
 * |      0 |    4 | elements n |
 * |      4 |    4 | 0, or NaN for a row without direction |
 * |      8 |    8 | zeros |
 * |     16 |   8n | elements: index u32, value f32 |
 *
 * @module
 */

@inline
function endOf(row: usize): usize { return row + 16 + (<usize>load<u32>(row) << 3); }

/** 0, or NaN if either row has no direction. */
@inline
export function directionOf(q: usize, x: usize): f32 { return load<f32>(q, 4) + load<f32>(x, 4); }

/** The dot product of two rows. */
export function dotSparse(q: usize, x: usize): f32 {
  let sum: f32 = 0;
  const qe = endOf(q), xe = endOf(x);
  q += 16; x += 16;
  while (q < qe && x < xe) {
    const a = load<u32>(q), b = load<u32>(x);
    if (a == b) sum += load<f32>(q, 4) * load<f32>(x, 4);
    q += <usize>(a <= b) << 3;
    x += <usize>(b <= a) << 3;
  }
  return sum;
}

/** The squared Euclidean distance of two rows. */
export function squaredSparse(q: usize, x: usize): f32 {
  let sum: f32 = 0;
  const qe = endOf(q), xe = endOf(x);
  q += 16; x += 16;
  while (q < qe && x < xe) {
    const a = load<u32>(q), b = load<u32>(x);
    const d = select<f32>(load<f32>(q, 4), 0, a <= b) - select<f32>(load<f32>(x, 4), 0, b <= a);
    sum += d * d;
    q += <usize>(a <= b) << 3;
    x += <usize>(b <= a) << 3;
  }
  for (; q < qe; q += 8) { const d = load<f32>(q, 4); sum += d * d; }
  for (; x < xe; x += 8) { const d = load<f32>(x, 4); sum += d * d; }
  return sum;
}

/** The taxicab distance of two rows. */
export function taxicabSparse(q: usize, x: usize): f32 {
  let sum: f32 = 0;
  const qe = endOf(q), xe = endOf(x);
  q += 16; x += 16;
  while (q < qe && x < xe) {
    const a = load<u32>(q), b = load<u32>(x);
    const d = select<f32>(load<f32>(q, 4), 0, a <= b) - select<f32>(load<f32>(x, 4), 0, b <= a);
    sum += abs<f32>(d);
    q += <usize>(a <= b) << 3;
    x += <usize>(b <= a) << 3;
  }
  for (; q < qe; q += 8) sum += abs<f32>(load<f32>(q, 4));
  for (; x < xe; x += 8) sum += abs<f32>(load<f32>(x, 4));
  return sum;
}
