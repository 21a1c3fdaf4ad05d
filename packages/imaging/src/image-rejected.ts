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
 * The bytes of the image are invalid. A retry with the same bytes fails in the same way.
 * `message` is shown to the reviewer. `code` is stable and for programs.
 */
export class ImageRejected extends Error {
  readonly code: ImageRejectedCode;

  constructor(code: ImageRejectedCode, message: string) {
    super(message);
    this.name = 'ImageRejected';
    this.code = code;
  }
}
