/** The browser may still be loading a picture whose screen closes. */
const pictureGraceMs = 10_000;

/** A temporary address of the bytes. @param graceMs how long it stays valid after its release */
export function objectUrl(bytes: Blob, graceMs = pictureGraceMs): { url: string; release(): void } {
  const url = URL.createObjectURL(bytes);
  return { url, release: () => void setTimeout(() => URL.revokeObjectURL(url), graceMs) };
}
