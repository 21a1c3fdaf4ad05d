import { MantineProvider } from '@mantine/core';
import type { QcFrame } from '@spinbay/contracts';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { MemoryRouter } from 'react-router';
import { expect, it } from 'vitest';
import { FrameStrip } from './frame-strip.tsx';

it('links to the frame itself, because its slot may show another one', () => {
  const frame = {
    image_id: 'i1',
    session_id: 's1',
    angle_deg: 15,
    shot_name: null,
    thumb_url: null,
    qc: { sharpness: { score: 42 } },
  } as unknown as QcFrame;
  const strip = createElement(FrameStrip, { title: 'Frames', profile: 'v1', frames: [frame], none: '' });
  const html = renderToStaticMarkup(createElement(MantineProvider, null, createElement(MemoryRouter, null, strip)));
  expect(html).toContain('href="/sessions/s1?frame=i1"');
  expect(html).toContain('aria-label="angle 15, 42: open the session"');
});
