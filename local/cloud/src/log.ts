/** The part of a pino logger that is used. */
export interface Log {
  /** If left out, debug messages are not logged. */
  debug?(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
