/** Key suffixes for which S3 sends events. S3 compares case-sensitively, so each extension is listed in every case. */
export const photoSuffixes = ['.jpg', '.jpeg', '.heic', '.heif'].flatMap(everyCase);

/** The maximum number of notification configurations of a bucket. */
export const maxNotifications = 100;

function everyCase(text: string): string[] {
  const [first, ...rest] = text;
  if (first === undefined) return [''];
  const cases = first === first.toUpperCase() ? [first] : [first, first.toUpperCase()];
  return cases.flatMap((letter) => everyCase(rest.join('')).map((more) => letter + more));
}
