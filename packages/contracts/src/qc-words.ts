/** A sharpness score, rounded down: 99.7 does not read as the 100 that it misses. */
export function scoreWords(score: number): string {
  return String(Math.floor(score));
}

/** A share of the picture as `9 %`, `5.1 %` or `under 0.1 %`; rounded up, so that what is over a limit reads so. */
export function shareWords(share: number): string {
  if (share <= 0) return '0 %';
  // A share such as 0.09 is 9.000000000000001 as a percentage: that is not more than 9.
  const percent = Math.ceil(Number((share * 1000).toFixed(6))) / 10;
  return share < 0.001 ? 'under 0.1 %' : `${percent} %`;
}
