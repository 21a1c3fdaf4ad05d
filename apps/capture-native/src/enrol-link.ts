/** The screen that a scanned code opens (`spinbay://enrol?...`). Null for other links, which only bring the app to the front. */
export function routeOfLink(link: string): string | null {
  const fields = /^spinbay:\/\/enrol\/?[?#](.+)$/i.exec(link)?.[1];
  return fields === undefined ? null : `/enrol#${fields}`;
}
