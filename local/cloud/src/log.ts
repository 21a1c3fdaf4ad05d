/** Of a pino logger, what is used. */
export interface Log {
  /** Left out: nothing of this level is written. */
  debug?(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
