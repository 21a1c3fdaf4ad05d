/** SQS errors of the JSON protocol, with their HTTP status and the name that older clients read from x-amzn-query-error. */
const known = {
  AccessDenied: ['AccessDenied', 403],
  InternalFailure: ['InternalFailure', 500],
  InvalidAction: ['InvalidAction', 400],
  InvalidAttributeName: ['InvalidAttributeName', 400],
  InvalidAttributeValue: ['InvalidAttributeValue', 400],
  InvalidClientTokenId: ['InvalidClientTokenId', 403],
  InvalidMessageContents: ['InvalidMessageContents', 400],
  InvalidParameterValue: ['InvalidParameterValue', 400],
  MessageNotInflight: ['AWS.SimpleQueueService.MessageNotInflight', 400],
  MissingAuthenticationToken: ['MissingAuthenticationToken', 403],
  MissingParameter: ['MissingParameter', 400],
  QueueDoesNotExist: ['AWS.SimpleQueueService.NonExistentQueue', 400],
  QueueNameExists: ['QueueAlreadyExists', 400],
  ReceiptHandleIsInvalid: ['ReceiptHandleIsInvalid', 404],
  RequestExpired: ['RequestExpired', 403],
  RequestEntityTooLarge: ['RequestEntityTooLarge', 413],
  SerializationException: ['SerializationException', 400],
  ServiceUnavailable: ['ServiceUnavailable', 503],
  SignatureDoesNotMatch: ['SignatureDoesNotMatch', 403],
  UnsupportedOperation: ['AWS.SimpleQueueService.UnsupportedOperation', 400],
} as const satisfies Record<string, readonly [string, number]>;

export type SqsErrorCode = keyof typeof known;

/** An expected error, rendered like SQS's. */
export class SqsError extends Error {
  override readonly name = 'SqsError';
  readonly code: SqsErrorCode;

  constructor(code: SqsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get status(): number {
    return known[this.code][1];
  }

  get queryError(): string {
    return `${known[this.code][0]};${this.status >= 500 ? 'Receiver' : 'Sender'}`;
  }

  toJson(): string {
    return JSON.stringify({ __type: `com.amazonaws.sqs#${this.code}`, message: this.message });
  }
}
