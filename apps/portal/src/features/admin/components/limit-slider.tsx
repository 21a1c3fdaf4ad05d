import { Button, Text, Title } from '@mantine/core';
import type { QcFrame } from '@spinbay/contracts';
import { useId, useMemo } from 'react';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { type Bin, figureOf, histogram } from '../calibration.ts';
import classes from './quality.module.css';

interface LimitSliderProps {
  readonly frames: readonly QcFrame[];
  readonly limit: number;
  readonly byDefault: number;
  /** How many frames it rejects, whatever the reason. */
  readonly rejected: number;
  /** Null: the default. */
  readonly onChange: (limit: number | null) => void;
}

const words = adminTexts.quality;
const scale = { min: 1, max: 6 };
const step = 0.05;
const bins = 50;

function pixels(width: number): string {
  return width.toFixed(2);
}

/** The limit of v3, on the scale of the widths that the frames have. */
export function LimitSlider({ frames, limit, byDefault, rejected, onChange }: LimitSliderProps) {
  const id = useId();
  const max = Math.max(scale.max, Math.ceil(limit));
  const widths = useMemo(() => frames.flatMap((frame) => figureOf(frame, 'v3') ?? []), [frames]);
  const counted = useMemo(() => histogram(widths, { min: scale.min, max }, bins), [widths, max]);
  return (
    <section className={classes.section} aria-labelledby={`${id}-title`}>
      <Title order={2} size="h4" id={`${id}-title`}>
        {words.limit}
      </Title>
      <Histogram bins={counted} limit={limit} label={words.histogram(widths.length, String(scale.min), String(max))} />
      <input
        id={id}
        type="range"
        className={classes.slider}
        min={scale.min}
        max={max}
        step={step}
        value={limit}
        aria-valuetext={words.limitValue(pixels(limit), rejected, frames.length)}
        onChange={(event) => onChange(Number(event.currentTarget.value))}
      />
      <div className={classes.sliderFoot}>
        <label htmlFor={id}>
          <Text size="sm" fw={600} span>
            {words.limitLabel}
          </Text>
        </label>
        <Text size="sm" span className={classes.value} data-testid="limit-value">
          {words.limitValue(pixels(limit), rejected, frames.length)}
        </Text>
        {limit !== byDefault && (
          <Button size="compact-sm" variant="default" onClick={() => onChange(null)}>
            {words.reset(pixels(byDefault))}
          </Button>
        )}
      </div>
    </section>
  );
}

function Histogram({ bins: counted, limit, label }: { bins: readonly Bin[]; limit: number; label: string }) {
  const most = Math.max(1, ...counted.map(({ count }) => count));
  const [first, last] = [counted[0]?.from ?? 0, counted.at(-1)?.to ?? 1];
  const x = (value: number) => ((value - first) / (last - first)) * 100;
  return (
    <svg className={classes.histogram} viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label={label}>
      {counted.map(({ from, to, count }) => (
        <rect
          key={from}
          x={x(from) + 0.1}
          width={x(to) - x(from) - 0.2}
          y={40 - (count / most) * 38}
          height={(count / most) * 38}
          data-side={(from + to) / 2 > limit ? 'soft' : 'sharp'}
        />
      ))}
      <line x1={x(limit)} x2={x(limit)} y1={0} y2={40} />
    </svg>
  );
}
