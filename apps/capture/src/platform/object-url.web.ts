/** The browser may still be reading the bytes: of a picture whose screen closes, or of a file that is saved. */
const graceMs = 60_000;

/** A temporary address of the bytes. */
export function objectUrl(bytes: Blob): { url: string; release(): void } {
  const url = URL.createObjectURL(bytes);
  return { url, release: () => void setTimeout(() => URL.revokeObjectURL(url), graceMs) };
}
