/** A photo as the platform stores it: a Blob in a browser, a file in the native app. Screens and features only pass it on. */
export interface Picture {
  readonly size: number;
}
