/** The screen that a scanned code opens: `spinbay://enrol?...`. Anything else opens the app as it was. */
export function routeOfLink(link: string): string | null {
  const fields = /^spinbay:\/\/enrol\/?[?#](.+)$/i.exec(link)?.[1];
  return fields === undefined ? null : `/enrol#${fields}`;
}
