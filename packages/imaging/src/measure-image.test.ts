import { defaultQcThresholds } from '@spinbay/contracts';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { ImageRejected, type MeasureOptions, measureImage } from './index.ts';
import { readJpegHeader, withIccProfile } from './jpeg-header.ts';
import { draw, jpeg, quarters, texture } from './test-pictures.ts';

const options: MeasureOptions = {
  qc: defaultQcThresholds,
  maxBytes: 20e6,
};

async function rejection(bytes: Buffer, changed: Partial<MeasureOptions> = {}): Promise<ImageRejected> {
  const outcome = await measureImage(bytes, { ...options, ...changed }).catch((error: unknown) => error);
  if (outcome instanceof ImageRejected) return outcome;
  throw new Error(`Expected a rejection, got ${outcome instanceof Error ? outcome.stack : 'measures'}`);
}

function rawPixels(image: Sharp): Promise<Buffer> {
  return image.raw().toBuffer();
}

/** Puts an EXIF block with the given orientation (and a GPS directory) into a JPEG, as a camera would. */
function withOrientation(bytes: Buffer, orientation: number): Promise<Buffer> {
  return sharp(bytes)
    .keepExif()
    .withExif({
      IFD0: { Make: 'Spinbay', Orientation: String(orientation) },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 0/1' },
    })
    .withMetadata({ orientation })
    .jpeg({ quality: 92, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

describe('measureImage: measures', () => {
  it('returns size, format, grades and three thumbnails of a sharp picture', async () => {
    const bytes = await jpeg({ width: 1400, height: 1300, at: texture });
    const got = await measureImage(bytes, options);
    expect(got).toMatchObject({ width: 1400, height: 1300, format: 'jpeg', status: 'processed' });
    expect(got.qc.sharpness.status).toBe('pass');
    expect(got.qc.exposure).toMatchObject({ status: 'pass', clipped_white: 0, clipped_black: 0 });
    expect(got.qc.exposure.mean_luma).toBeGreaterThan(110);
    for (const size of [150, 600, 1200] as const) {
      expect(got.thumbs[size].size).toBe(size);
      expect(await sharp(got.thumbs[size].data).metadata()).toMatchObject({
        format: 'jpeg',
        width: size,
        height: size,
      });
    }
  });

  it('fails a blurred picture and warns of one in between', async () => {
    const { width, height } = { width: 800, height: 600 };
    const blurred = (sigma: number) =>
      sharp(draw({ width, height, at: texture }), { raw: { width, height, channels: 3 } })
        .blur(sigma)
        .jpeg({ quality: 95 })
        .toBuffer();
    const soft = await measureImage(await blurred(3), options);
    expect(soft.qc.sharpness.status).toBe('fail');
    expect(soft.status).toBe('failed');
    const score = (await measureImage(await blurred(0.9), options)).qc.sharpness.score;
    const between = { ...defaultQcThresholds, sharpness_fail: score, sharpness_warn: score };
    const warned = await measureImage(await blurred(0.9), { ...options, qc: between });
    expect(warned.qc.sharpness.status).toBe('warn');
    expect(warned.status).toBe('processed');
  });

  it('fails over- and under-exposed pictures and reports the clipped share', async () => {
    const patched = (value: number, share: number) =>
      jpeg({
        width: 640,
        height: 480,
        at: (x, y) => (y < 480 * share ? [value, value, value] : texture(x, y)),
      });
    for (const [value, field] of [
      [255, 'clipped_white'],
      [0, 'clipped_black'],
    ] as const) {
      const bad = await measureImage(await patched(value, 0.2), options);
      expect(bad.qc.exposure.status).toBe('fail');
      expect(bad.qc.exposure[field]).toBeCloseTo(0.2, 1);
      expect(bad.status).toBe('failed');
      expect((await measureImage(await patched(value, 1 / 30), options)).status).toBe('processed');
    }
  });

  it('makes smaller thumbnails of a small picture instead of enlarging it', async () => {
    const got = await measureImage(await jpeg({ width: 700, height: 400, at: texture }), options);
    expect([got.thumbs[150].size, got.thumbs[600].size, got.thumbs[1200].size]).toEqual([150, 400, 400]);
    const dot = await measureImage(await jpeg({ width: 1, height: 1, at: () => [90, 90, 90] }), options);
    expect(dot).toMatchObject({ width: 1, height: 1, status: 'failed' });
    expect(dot.thumbs[1200].size).toBe(1);
    expect((await measureImage(await jpeg({ width: 3, height: 1000, at: texture }), options)).thumbs[600].size).toBe(3);
  });

  it('reads grey, CMYK and progressive JPEGs', async () => {
    const { width, height } = { width: 320, height: 240 };
    const raw = { raw: { width, height, channels: 3 } } as const;
    const colours = draw({ width, height, at: quarters(width, height) });
    const grey = await sharp(draw({ width, height, at: texture }), raw)
      .toColourspace('b-w')
      .jpeg()
      .toBuffer();
    const greyMeasures = await measureImage(grey, options);
    expect(greyMeasures.qc.sharpness.status).toBe('pass');
    expect(await sharp(greyMeasures.thumbs[150].data).metadata()).toMatchObject({ width: 150 });
    const cmyk = await measureImage(
      await sharp(colours, raw).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(),
      options,
    );
    const [red = 0, green = 0] = (await rawPixels(sharp(cmyk.thumbs[150].data))).subarray(20 * 150 * 3);
    expect(red).toBeGreaterThan(140);
    expect(green).toBeLessThan(110);
    const progressive = await sharp(colours, raw).jpeg({ progressive: true }).toBuffer();
    expect(await measureImage(progressive, options)).toMatchObject({ width, height });
  });
});

describe('measureImage: orientation, EXIF and colour profile', () => {
  it('reports the size as shown and makes upright thumbnails, for all eight orientations', async () => {
    const { width, height } = { width: 480, height: 320 };
    const stored = await jpeg({ width, height, at: quarters(width, height) });
    for (let orientation = 1; orientation <= 8; orientation++) {
      const bytes = await withOrientation(stored, orientation);
      const got = await measureImage(bytes, options);
      const shown = orientation >= 5 ? { width: height, height: width } : { width, height };
      expect(got, `orientation ${orientation}`).toMatchObject({ ...shown, exif: { orientation } });
      // Compares with sharp's auto-orientation.
      const expected = await rawPixels(sharp(bytes).autoOrient().resize(150, 150));
      const thumb = await rawPixels(sharp(got.thumbs[150].data));
      for (const [x, y] of [
        [30, 30],
        [120, 30],
        [30, 120],
        [120, 120],
      ] as const) {
        const at = (y * 150 + x) * 3;
        const apart = [0, 1, 2].map((channel) => Math.abs((thumb[at + channel] ?? 0) - (expected[at + channel] ?? 0)));
        expect(Math.max(...apart), `orientation ${orientation} at ${x},${y}`).toBeLessThan(12);
      }
    }
  });

  it('keeps only the colour profile as metadata of the thumbnails', async () => {
    const { width, height } = { width: 400, height: 300 };
    const p3 = await sharp(draw({ width, height, at: texture }), { raw: { width, height, channels: 3 } })
      .withIccProfile('p3')
      .withExif({
        IFD0: { Make: 'Spinbay' },
        IFD3: {
          GPSLatitudeRef: 'N',
          GPSLatitude: '52/1 31/1 0/1',
          GPSLongitudeRef: 'E',
          GPSLongitude: '13/1 23/1 0/1',
        },
      })
      .jpeg({ quality: 90 })
      .toBuffer();
    const source = await sharp(p3).metadata();
    expect(source.icc).toBeDefined();
    expect(source.exif).toBeDefined();
    const got = await measureImage(p3, options);
    expect(JSON.stringify(got.exif)).not.toMatch(/gps|latitude/i);
    const { exif, thumbs } = await measureImage(p3, { ...options, keepGps: true });
    expect(exif.gps).toEqual({ lat: 52.516667, lon: 13.383333 });
    expect(thumbs).toEqual(got.thumbs);
    for (const thumb of Object.values(got.thumbs)) {
      const metadata = await sharp(thumb.data).metadata();
      expect(metadata.icc?.equals(source.icc ?? Buffer.alloc(0))).toBe(true);
      expect([metadata.exif, metadata.xmp, metadata.iptc]).toEqual([undefined, undefined, undefined]);
    }
    // The stored values are not converted between source and thumb.
    const { data } = await sharp(p3, { ignoreIcc: true }).raw().toBuffer({ resolveWithObject: true });
    const mean = (values: Buffer) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const thumb = await rawPixels(sharp(got.thumbs[600].data, { ignoreIcc: true }));
    expect(Math.abs(mean(thumb) - mean(data))).toBeLessThan(1);
  });

  it('leaves out a colour profile that is larger than the thumbnail', async () => {
    const icc = Buffer.alloc(1_000_000);
    icc.write('RGB ', 16, 'latin1');
    const bytes = Buffer.from(withIccProfile(await jpeg({ width: 200, height: 150, at: texture }), icc));
    const { thumbs } = await measureImage(bytes, options);
    for (const { data } of Object.values(thumbs)) expect(data.length).toBeLessThan(100_000);
  });

  it('writes a profile of several segments so that it can be read back', async () => {
    const icc = Uint8Array.from({ length: 150_000 }, (_, i) => (i * 7) % 251);
    const spliced = withIccProfile(await jpeg({ width: 8, height: 8, at: texture }), icc);
    const header = readJpegHeader(spliced);
    expect(typeof header === 'object' && header.icc && Buffer.from(header.icc).equals(icc)).toBe(true);
    expect(await sharp(Buffer.from(spliced)).metadata()).toMatchObject({ width: 8 });
  });

  it('treats a picture with damaged EXIF like one without EXIF', async () => {
    const good = await jpeg({ width: 200, height: 100, at: texture });
    const damaged = [
      Buffer.from('Exif\0\0'),
      Buffer.from('Exif\0\0MM\0*\xff\xff\xff\xff', 'latin1'),
      Buffer.concat([Buffer.from('Exif\0\0II*\0\x08\0\0\0\xff\xff', 'latin1'), Buffer.alloc(60_000, 0x12)]),
    ];
    for (const body of damaged) {
      const length = Buffer.from([(body.length + 2) >> 8, (body.length + 2) & 0xff]);
      const bytes = Buffer.concat([good.subarray(0, 2), Buffer.from([0xff, 0xe1]), length, body, good.subarray(2)]);
      const got = await measureImage(bytes, options);
      expect(got).toMatchObject({
        width: 200,
        height: 100,
        status: 'processed',
        exif: { iso: null, orientation: null },
      });
    }
  });
});

describe('measureImage: rejections', () => {
  it('names the problem of empty files, text and other formats named .jpg', async () => {
    expect((await rejection(Buffer.alloc(0))).code).toBe('empty_file');
    expect((await rejection(Buffer.from('not a picture'))).code).toBe('not_an_image');
    expect((await rejection(Buffer.from([0xff]))).code).toBe('not_an_image');
    const raw = { raw: { width: 4, height: 4, channels: 3 } } as const;
    const pixels = Buffer.alloc(48, 120);
    const others: [string, Buffer][] = [
      ['PNG', await sharp(pixels, raw).png().toBuffer()],
      ['WEBP', await sharp(pixels, raw).webp().toBuffer()],
      ['GIF', await sharp(pixels, raw).gif().toBuffer()],
      ['TIFF', await sharp(pixels, raw).tiff().toBuffer()],
      ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
      ['SVG', Buffer.from('<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"/>')],
      ['AVIF', Buffer.from('\0\0\0\x18ftypavif\0\0\0\0mif1avif', 'latin1')],
      ['PDF', Buffer.from('%PDF-1.7')],
    ];
    for (const [name, bytes] of others) {
      const refused = await rejection(bytes);
      expect(refused.code).toBe('unsupported_format');
      expect(refused.message).toContain(name);
    }
  });

  it('rejects a picture truncated at any point, baseline and progressive', async () => {
    for (const progressive of [false, true]) {
      const whole = await jpeg({ width: 640, height: 480, at: texture }, { progressive });
      for (const share of [0.0001, 0.001, 0.002, 0.01, 0.1, 0.5, 0.9, 0.99]) {
        const refused = await rejection(whole.subarray(0, Math.max(4, Math.floor(whole.length * share))));
        expect(refused.code, `${progressive ? 'progressive' : 'baseline'} cut at ${share}`).toBe('truncated');
        expect(refused.message).toMatch(/upload it again/);
      }
    }
  });

  it('rejects damaged headers and headers with wrong sizes', async () => {
    const whole = await jpeg({ width: 640, height: 480, at: texture });
    const ended = Buffer.from(whole);
    ended.set([0xff, 0xd9], whole.length >> 1);
    expect((await rejection(ended)).code).toBe('truncated');
    const badTable = Buffer.from(whole);
    const table = badTable.indexOf(Buffer.from([0xff, 0xc4]));
    badTable.fill(0xfe, table + 5, table + 21);
    expect((await rejection(badTable)).code).toBe('decode_failed');
    expect((await rejection(Buffer.concat([whole.subarray(0, 2), Buffer.alloc(100, 1)]))).code).not.toBe('truncated');

    const frame = whole.indexOf(Buffer.from([0xff, 0xc0]));
    const resized = (height: number, width: number) => {
      const bytes = Buffer.from(whole);
      bytes.writeUInt16BE(height, frame + 5);
      bytes.writeUInt16BE(width, frame + 7);
      return bytes;
    };
    const huge = await rejection(resized(65_000, 65_000));
    expect(huge.code).toBe('too_many_pixels');
    expect(huge.message).toContain('65000 x 65000');
    expect((await rejection(resized(0, 640))).code).toBe('decode_failed');
    expect((await rejection(resized(7000, 8000))).code).toBe('truncated');
    // The size of a Sony A7R V is within the limit.
    expect((await rejection(resized(6336, 9504))).code).toBe('truncated');
    const over = await rejection(resized(10_000, 11_001));
    expect(over.message).toContain('11001 x 10000 pixels (110.1 megapixels); at most 110 megapixels');
    const arithmetic = Buffer.from(whole);
    arithmetic[frame + 1] = 0xc9;
    expect((await rejection(arithmetic)).code).toBe('unsupported_format');
  });

  it('accepts a complete picture without end marker, with a note', async () => {
    for (const progressive of [false, true]) {
      const whole = await jpeg({ width: 640, height: 480, at: texture }, { progressive });
      const { qc, ...got } = await measureImage(whole.subarray(0, -2), options);
      const { qc: expected, ...wanted } = await measureImage(whole, options);
      expect(got).toEqual(wanted);
      expect(qc).toEqual({ ...expected, notes: ['no_end_marker'] });
    }
  });

  it('accepts bytes after the end and stray bytes between the segments', async () => {
    const whole = await jpeg({ width: 640, height: 480, at: texture });
    const trailer = Buffer.concat([whole, Buffer.alloc(1000, 7)]);
    expect(await measureImage(trailer, options)).toMatchObject({ width: 640, status: 'processed' });
    const scan = whole.indexOf(Buffer.from([0xff, 0xda]));
    const filled = Buffer.concat([whole.subarray(0, scan), Buffer.alloc(3, 0xff), whole.subarray(scan)]);
    expect(await measureImage(filled, options)).toMatchObject({ width: 640, status: 'processed' });
  });

  it('rejects files above the byte limit and progressive files with too many scans', async () => {
    const whole = await jpeg({ width: 64, height: 64, at: texture });
    expect((await rejection(whole, { maxBytes: whole.length - 1 })).code).toBe('too_large');
    expect(await measureImage(whole, { ...options, maxBytes: whole.length })).toMatchObject({ width: 64 });

    const progressive = await jpeg({ width: 64, height: 64, at: texture }, { progressive: true });
    const lastScan = progressive.lastIndexOf(Buffer.from([0xff, 0xda]));
    const scan = progressive.subarray(lastScan, -2);
    const slow = Buffer.concat([
      progressive.subarray(0, -2),
      ...Array.from({ length: 100 }, () => scan),
      progressive.subarray(-2),
    ]);
    const refused = await rejection(slow);
    expect(refused.code).toBe('decode_failed');
    expect(refused.message).toMatch(/\d{3} scans/);
  });

  it('stops when the signal aborts', async () => {
    const whole = await jpeg({ width: 64, height: 64, at: texture });
    const reason = new Error('shutting down');
    await expect(measureImage(whole, { ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('measureImage: the car of a spin', () => {
  const [width, height] = [800, 600];
  const isCar = (x: number, y: number) => x >= 200 && x < 600 && y >= 200 && y < 450;
  /** Blocks of many greys, which change with `turn`. */
  const blocks = (x: number, y: number, turn: number) =>
    50 + (Math.imul((x >> 4) * 31 + (y >> 4) * 57 + turn * 101, 2_654_435_761) >>> 25);
  const frame = (turn: number) =>
    draw({
      width,
      height,
      at: (x, y) => {
        const value = blocks(x, y, isCar(x, y) ? turn + 1 : 0) + (isCar(x, y) ? turn * 20 : 0);
        return [value, value, value];
      },
    });
  const raw = { raw: { width, height, channels: 3 } } as const;
  const encoded = (pixels: Buffer) => sharp(pixels, raw).jpeg({ quality: 95 }).toBuffer();
  const qc = { ...defaultQcThresholds, profile: 'v3' as const };

  it('fails a spin frame whose car is blurred in front of a sharp background', async () => {
    const [first, second, third] = await Promise.all(
      [1, 2, 3].map(async (turn) => measureImage(await encoded(frame(turn)), { ...options, qc })),
    );
    const otherGrids = [first, second, third].map((measures) => measures?.colourGrid ?? new Uint8Array());
    const sharpCar = await measureImage(await encoded(frame(0)), { ...options, qc, otherGrids });
    expect(sharpCar.qc.sharpness).toMatchObject({ status: 'pass', edges: { region: 'car' } });

    const moved = frame(0);
    const soft = await sharp(moved, raw).blur(4).raw().toBuffer();
    for (let at = 0; at < moved.length; at++) {
      const pixel = Math.floor(at / 3);
      if (isCar(pixel % width, Math.floor(pixel / width))) moved[at] = soft[at] as number;
    }
    const bytes = await encoded(moved);
    const inPicture = (await measureImage(bytes, { ...options, qc })).qc.sharpness;
    expect(inPicture.status).toBe('pass');
    expect(inPicture.edges).not.toHaveProperty('region');
    const got = (await measureImage(bytes, { ...options, qc, otherGrids })).qc.sharpness;
    expect(got).toMatchObject({ status: 'fail', edges: { region: 'car', picture_width: inPicture.edges?.width } });
    // A phone that was held upright stores the picture on its side.
    const turned = await sharp(bytes).rotate(90).withMetadata({ orientation: 8 }).jpeg({ quality: 95 }).toBuffer();
    expect((await measureImage(turned, { ...options, qc, otherGrids })).qc.sharpness).toMatchObject({
      status: 'fail',
      edges: { region: 'car' },
    });
  });
});
