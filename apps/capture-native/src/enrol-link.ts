/** The screen that a scanned code opens (`spinbay://enrol?...`). Null for other links: they only open the app. */
export function routeOfLink(link: string): string | null {
  const fields = /^spinbay:\/\/enrol\/?[?#](.+)$/i.exec(link)?.[1];
  return fields === undefined ? null : `/enrol#${fields}`;
}
