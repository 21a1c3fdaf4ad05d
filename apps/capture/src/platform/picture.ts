/** A photo as the platform stores it: a Blob in a browser, a file in the native app. Other code only passes it on. */
export interface Picture {
  readonly size: number;
}
