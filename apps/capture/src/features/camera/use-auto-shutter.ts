import { useEffect, useRef, useState } from 'react';
import type { Camera } from '../../platform/camera.ts';
import { glanceEveryMs, type MotionWatch, startWatch, watchMotion } from './motion.ts';

/** `turntable`: a photo each time the turntable stops. A number: the interval in seconds. */
export type AutoMode = 'off' | 'turntable' | number;

export const autoModes: readonly AutoMode[] = ['off', 'turntable', 2, 3, 5, 8];

export type AutoState =
  | { readonly phase: 'off' }
  | { readonly phase: MotionWatch['phase'] }
  | { readonly phase: 'counting'; readonly secondsLeft: number };

/** Releases the shutter automatically. @param wanted whether photos are still missing */
export function useAutoShutter(mode: AutoMode, camera: Camera | null, wanted: boolean, press: () => void): AutoState {
  const [state, setState] = useState<AutoState>({ phase: 'off' });
  const latest = useRef(press);
  latest.current = press;

  useEffect(() => {
    if (mode === 'off' || camera === null || !wanted) {
      setState({ phase: 'off' });
      return;
    }
    if (mode === 'turntable') {
      let watch = startWatch;
      setState({ phase: watch.phase });
      const timer = setInterval(() => {
        const glance = camera.glance();
        if (glance === null) return;
        const next = watchMotion(watch, glance);
        if (next.watch.phase !== watch.phase) setState({ phase: next.watch.phase });
        watch = next.watch;
        if (next.shoot) latest.current();
      }, glanceEveryMs);
      return () => clearInterval(timer);
    }
    let secondsLeft = mode;
    setState({ phase: 'counting', secondsLeft });
    const timer = setInterval(() => {
      secondsLeft -= 1;
      if (secondsLeft === 0) {
        latest.current();
        secondsLeft = mode;
      }
      setState({ phase: 'counting', secondsLeft });
    }, 1000);
    return () => clearInterval(timer);
  }, [mode, camera, wanted]);
  return state;
}
