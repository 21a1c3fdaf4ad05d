/** A photo as the platform holds it: a Blob in a browser, a file on a phone. Screens and features only pass it on. */
export interface Picture {
  readonly size: number;
}
