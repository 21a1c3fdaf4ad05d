/** Endings of object keys that S3 is to tell the queue of. S3 compares letter by letter: each needs every case of its own. */
export const photoSuffixes = ['.jpg', '.jpeg', '.heic', '.heif'].flatMap(everyCase);

/** S3 takes so many configurations of notifications for a bucket. */
export const mostNotifications = 100;

function everyCase(text: string): string[] {
  const [first, ...rest] = text;
  if (first === undefined) return [''];
  const cases = first === first.toUpperCase() ? [first] : [first, first.toUpperCase()];
  return cases.flatMap((letter) => everyCase(rest.join('')).map((more) => letter + more));
}
