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
 * The bytes themselves are at fault: trying again with the same bytes gives the same answer.
 * `message` is shown to the reviewer as it is; `code` is stable and for programs.
 */
export class ImageRejected extends Error {
  readonly code: ImageRejectedCode;

  constructor(code: ImageRejectedCode, message: string) {
    super(message);
    this.name = 'ImageRejected';
    this.code = code;
  }
}
