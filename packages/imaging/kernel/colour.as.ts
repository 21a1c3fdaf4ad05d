// AssemblyScript: Y'CbCr 4:2:0 of 8 bits to interleaved RGB, 16 pixels at a time.
// Compiled by `node scripts/compile-kernels.mjs`.

/**
 * Converts `rows` rows. Widths are rounded up to 16, so each plane and the output need room for 15 more pixels at the end.
 * The weights are fixed-point numbers with 13 fractional bits: red = (y * Y + redOfCr * (Cr - 128) + offset) >> 13.
 */
export function convert420(
  luma: usize,
  lumaStride: i32,
  cb: usize,
  cr: usize,
  chromaStride: i32,
  out: usize,
  outStride: i32,
  width: i32,
  rows: i32,
  y: i32,
  offset: i32,
  redOfCr: i32,
  greenOfCb: i32,
  greenOfCr: i32,
  blueOfCb: i32,
): void {
  const weightY = i16x8.splat(<i16>y);
  const add = i32x4.splat(offset);
  const rv = i16x8.splat(<i16>redOfCr);
  const gu = i16x8.splat(<i16>greenOfCb);
  const gv = i16x8.splat(<i16>greenOfCr);
  const bu = i16x8.splat(<i16>blueOfCb);
  const middle = i16x8.splat(128);
  for (let row = 0; row < rows; row++) {
    const fromY = luma + row * lumaStride;
    const fromC = (row >> 1) * chromaStride;
    let to = out + row * outStride;
    for (let x = 0; x < width; x += 16) {
      const yy = v128.load(fromY + x);
      const u = i16x8.sub(v128.load8x8_u(cb + fromC + (x >> 1)), middle);
      const v = i16x8.sub(v128.load8x8_u(cr + fromC + (x >> 1)), middle);

      let ys = i16x8.extend_low_i8x16_u(yy);
      let us = v128.shuffle<i16>(u, u, 0, 0, 1, 1, 2, 2, 3, 3);
      let vs = v128.shuffle<i16>(v, v, 0, 0, 1, 1, 2, 2, 3, 3);
      let low = i32x4.add(i32x4.extmul_low_i16x8_s(ys, weightY), add);
      let high = i32x4.add(i32x4.extmul_high_i16x8_s(ys, weightY), add);
      const red0 = narrow(
        i32x4.add(low, i32x4.extmul_low_i16x8_s(vs, rv)),
        i32x4.add(high, i32x4.extmul_high_i16x8_s(vs, rv)),
      );
      const green0 = narrow(
        i32x4.add(i32x4.add(low, i32x4.extmul_low_i16x8_s(us, gu)), i32x4.extmul_low_i16x8_s(vs, gv)),
        i32x4.add(i32x4.add(high, i32x4.extmul_high_i16x8_s(us, gu)), i32x4.extmul_high_i16x8_s(vs, gv)),
      );
      const blue0 = narrow(
        i32x4.add(low, i32x4.extmul_low_i16x8_s(us, bu)),
        i32x4.add(high, i32x4.extmul_high_i16x8_s(us, bu)),
      );

      ys = i16x8.extend_high_i8x16_u(yy);
      us = v128.shuffle<i16>(u, u, 4, 4, 5, 5, 6, 6, 7, 7);
      vs = v128.shuffle<i16>(v, v, 4, 4, 5, 5, 6, 6, 7, 7);
      low = i32x4.add(i32x4.extmul_low_i16x8_s(ys, weightY), add);
      high = i32x4.add(i32x4.extmul_high_i16x8_s(ys, weightY), add);
      const red1 = narrow(
        i32x4.add(low, i32x4.extmul_low_i16x8_s(vs, rv)),
        i32x4.add(high, i32x4.extmul_high_i16x8_s(vs, rv)),
      );
      const green1 = narrow(
        i32x4.add(i32x4.add(low, i32x4.extmul_low_i16x8_s(us, gu)), i32x4.extmul_low_i16x8_s(vs, gv)),
        i32x4.add(i32x4.add(high, i32x4.extmul_high_i16x8_s(us, gu)), i32x4.extmul_high_i16x8_s(vs, gv)),
      );
      const blue1 = narrow(
        i32x4.add(low, i32x4.extmul_low_i16x8_s(us, bu)),
        i32x4.add(high, i32x4.extmul_high_i16x8_s(us, bu)),
      );

      const r = i8x16.narrow_i16x8_u(red0, red1);
      const g = i8x16.narrow_i16x8_u(green0, green1);
      const b = i8x16.narrow_i16x8_u(blue0, blue1);
      const rg0 = v128.shuffle<u8>(r, g, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const rg1 = v128.shuffle<u8>(r, g, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      const across = v128.shuffle<u8>(rg0, rg1, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 0, 0, 0, 0, 0);
      v128.store(to, v128.shuffle<u8>(rg0, b, 0, 1, 16, 2, 3, 17, 4, 5, 18, 6, 7, 19, 8, 9, 20, 10));
      v128.store(to + 16, v128.shuffle<u8>(across, b, 0, 21, 1, 2, 22, 3, 4, 23, 5, 6, 24, 7, 8, 25, 9, 10));
      v128.store(to + 32, v128.shuffle<u8>(rg1, b, 26, 6, 7, 27, 8, 9, 28, 10, 11, 29, 12, 13, 30, 14, 15, 31));
      to += 48;
    }
  }
}

function narrow(low: v128, high: v128): v128 {
  return i16x8.narrow_i32x4_s(i32x4.shr_s(low, 13), i32x4.shr_s(high, 13));
}
