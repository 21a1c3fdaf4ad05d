import { defineSpinbayViewer, type SpinbayViewer } from '@spinbay/viewer';
import { createElement, useEffect, useRef } from 'react';
import type { SpinFrame } from './spin-frame.ts';
import { viewerTexts } from './viewer-texts.web.ts';

defineSpinbayViewer();

interface SpinProps {
  readonly frames: readonly SpinFrame[];
  readonly turntable: 'clockwise' | 'counterclockwise';
  readonly language: string;
  readonly label: string;
}

export function WebSpin({ frames, turntable, language, label }: SpinProps) {
  const viewer = useRef<SpinbayViewer>(null);
  useEffect(() => {
    if (viewer.current) viewer.current.texts = { ...viewerTexts(language), view: label };
  }, [language, label]);
  useEffect(() => {
    if (viewer.current) viewer.current.turntable = turntable;
  }, [turntable]);
  useEffect(() => {
    if (!viewer.current) return;
    viewer.current.frames = frames.map(({ angleDeg, id, url, qc, label: note }) => ({
      angle_deg: angleDeg,
      qc,
      src600: url,
      src1200: url,
      label: note,
      ...(id === null ? {} : { id }),
    }));
  }, [frames]);
  return createElement('spinbay-viewer', {
    ref: viewer,
    style: { display: 'block', width: '100%' },
  });
}
