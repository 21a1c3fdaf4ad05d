import { texts } from './texts.ts';

const steps = [
  { below: 60, seconds: 1, words: texts.ago.seconds },
  { below: 3600, seconds: 60, words: texts.ago.minutes },
  { below: 86_400, seconds: 3600, words: texts.ago.hours },
  { below: Number.POSITIVE_INFINITY, seconds: 86_400, words: texts.ago.days },
];

/** `12 s ago`. A negative age, which is a time in the future, gives "just now". */
export function ageWords(milliseconds: number): string {
  const age = Math.floor(milliseconds / 1000);
  const step = steps.find(({ below }) => age < below);
  return age < 2 || step === undefined ? texts.ago.now : step.words(Math.floor(age / step.seconds));
}
