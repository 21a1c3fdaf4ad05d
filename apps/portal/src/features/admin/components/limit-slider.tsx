import { Button, Text } from '@mantine/core';
import { useId } from 'react';
import { adminTexts } from '../../../ui/admin-texts.ts';
import type { FigureScale } from '../figure-scale.ts';
import classes from './quality.module.css';

interface LimitSliderProps {
  readonly scale: FigureScale;
  readonly limit: number;
  readonly byDefault: number;
  /** How many frames are rejected, for any reason. */
  readonly rejected: number;
  readonly total: number;
  /** Null returns to the default. */
  readonly onChange: (limit: number | null) => void;
  readonly onRelease: (limit: number) => void;
}

const words = adminTexts.quality;
const step = 0.05;

/** Moves the limit of v3 along the axis of the chart above it. */
export function LimitSlider({ scale, limit, byDefault, rejected, total, onChange, onRelease }: LimitSliderProps) {
  const id = useId();
  const value = words.limitValue(words.px(limit), rejected, total);
  return (
    <>
      <input
        id={id}
        type="range"
        className={classes.slider}
        min={scale.min}
        max={scale.max}
        step={step}
        value={limit}
        aria-valuetext={value}
        onChange={(event) => onChange(Number(event.currentTarget.value))}
        onPointerUp={(event) => onRelease(Number(event.currentTarget.value))}
        onKeyUp={(event) => onRelease(Number(event.currentTarget.value))}
      />
      <div className={classes.sliderFoot}>
        <label htmlFor={id}>
          <Text size="sm" fw={600} span>
            {words.limitLabel}
          </Text>
        </label>
        <Text size="sm" span className={classes.value} data-testid="limit-value">
          {value}
        </Text>
        {limit !== byDefault && (
          <Button size="compact-sm" variant="default" onClick={() => onChange(null)}>
            {words.reset(words.px(byDefault))}
          </Button>
        )}
      </div>
    </>
  );
}
