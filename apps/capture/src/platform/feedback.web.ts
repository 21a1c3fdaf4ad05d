import type { FeedbackKind } from './platform.tsx';

const vibrations: Readonly<Record<FeedbackKind, number[]>> = {
  shutter: [35],
  warning: [60, 60, 60],
  done: [40, 40, 120],
};
const tones: Readonly<Record<FeedbackKind, { hertz: number; seconds: number }>> = {
  shutter: { hertz: 1800, seconds: 0.05 },
  warning: { hertz: 330, seconds: 0.3 },
  done: { hertz: 880, seconds: 0.25 },
};

let audio: AudioContext | undefined;

/** Never throws, so that a phone without sound can take photos. */
export function webFeedback(kind: FeedbackKind, sound: boolean): void {
  navigator.vibrate?.(vibrations[kind]);
  if (!sound) return;
  try {
    audio ??= new AudioContext();
    // Suspended if the first sound comes before a tap, and on iOS after a call.
    if (audio.state !== 'running') void audio.resume().catch(() => undefined);
    const { hertz, seconds } = tones[kind];
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.25, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + seconds);
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + seconds);
  } catch {
    audio = undefined;
  }
}
