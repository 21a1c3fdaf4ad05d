import { texts } from './texts.ts';

/** The logo (a turntable and the next shot) with the wordmark, in the colours of the colour scheme. */
export function Logo({ height }: { height: number }) {
  return (
    <svg viewBox="0 0 132 32" height={height} width={(height * 132) / 32} role="img" aria-label={texts.product}>
      <rect width="32" height="32" rx="8" fill="var(--sb-logo-mark)" />
      <path d="M23.6 9.9A9.7 9.7 0 1 0 25.7 16" fill="none" stroke="#fff" strokeWidth="3.2" strokeLinecap="round" />
      <circle cx="16" cy="16" r="3.7" fill="#fff" />
      <circle cx="26" cy="10.6" r="2.1" fill="#7fd4ef" />
      <text
        x="41"
        y="23"
        fill="currentColor"
        fontSize="21"
        fontWeight="650"
        letterSpacing="-.4"
        fontFamily="inherit"
        textLength="88"
        lengthAdjust="spacingAndGlyphs"
      >
        {texts.product}
      </text>
    </svg>
  );
}
