import fc from 'fast-check';
import { expect, it } from 'vitest';
import { overscan, piecesOf, step, visibleRows } from './windowing.ts';

const viewport = { height: 800, rowHeight: 80, rows: 200_000 };

it('renders the visible rows and a few around them, for any length of the list', () => {
  expect(visibleRows({ ...viewport, top: 300 })).toEqual({ first: 0, end: 10 + overscan });
  expect(visibleRows({ ...viewport, top: -80_000 })).toEqual({ first: 1000 - overscan, end: 1010 + step + overscan });
  expect(visibleRows({ ...viewport, top: -16_000_000 + 800 }).end).toBe(200_000);
});

it('changes the rendered rows only every four rows, at both ends at once', () => {
  const at = (row: number) => visibleRows({ ...viewport, top: -row * viewport.rowHeight });
  expect([at(1000.5), at(1001), at(1003.9)]).toEqual([at(1000), at(1000), at(1000)]);
  expect(at(1004)).toEqual({ first: at(1000).first + step, end: at(1000).end + step });
});

it('always renders all visible rows and enough rows around them', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1000, noNaN: true }), (scrolled) => {
      const { first, end } = visibleRows({ ...viewport, top: -scrolled * viewport.rowHeight });
      expect(first).toBeLessThanOrEqual(Math.max(0, Math.floor(scrolled) - overscan));
      expect(end).toBeGreaterThanOrEqual(Math.ceil(scrolled + viewport.height / viewport.rowHeight) + overscan);
    }),
  );
});

it('renders nothing and does not fail if the list has become shorter than the scroll position', () => {
  expect(visibleRows({ ...viewport, rows: 3, top: -80_000 })).toEqual({ first: 3, end: 3 });
  expect(visibleRows({ ...viewport, rows: 0, top: 100 })).toEqual({ first: 0, end: 0 });
});

it('keeps the focused row at any position', () => {
  expect(piecesOf({ first: 5, end: 7 }, 10, 1)).toEqual([
    { from: 0, rows: 1 },
    { row: 1 },
    { from: 2, rows: 3 },
    { row: 5 },
    { row: 6 },
    { from: 7, rows: 3 },
  ]);
  expect(piecesOf({ first: 0, end: 2 }, 10, 9)).toEqual([{ row: 0 }, { row: 1 }, { from: 2, rows: 7 }, { row: 9 }]);
});

it('has the height of the list and every row at its position', () => {
  fc.assert(
    fc.property(
      fc.record({
        rows: fc.nat(500),
        top: fc.integer({ min: -60_000, max: 2000 }),
        kept: fc.option(fc.nat(500), { nil: null }),
      }),
      ({ rows, top, kept }) => {
        let at = 0;
        for (const piece of piecesOf(visibleRows({ ...viewport, rows, top }), rows, kept)) {
          expect('row' in piece ? piece.row : piece.from).toBe(at);
          at += 'row' in piece ? 1 : piece.rows;
        }
        expect(at).toBe(rows);
      },
    ),
  );
});
