export type ImageRejectedCode =
  | 'empty_file'
  | 'not_an_image'
  | 'unsupported_format'
  | 'truncated'
  | 'too_large'
  | 'too_many_pixels'
  | 'decode_failed'
  | 'decode_timeout'
  | 'decoder_crashed';

/**
 * The file cannot be measured: it is damaged, too large or of another format. A retry with the same bytes fails, too.
 * `message` is shown to the reviewer. `code` is for programs and does not change.
 */
export class ImageRejected extends Error {
  readonly code: ImageRejectedCode;

  constructor(code: ImageRejectedCode, message: string) {
    super(message);
    this.name = 'ImageRejected';
    this.code = code;
  }
}
