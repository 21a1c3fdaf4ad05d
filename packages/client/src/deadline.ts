export interface Deadline {
  readonly signal: AbortSignal;
  /** Stops the timer and stops following the parent. Call it when the work is done. */
  end(): void;
}

/** A signal that aborts after some milliseconds, or with its parent. Hermes lacks `AbortSignal.timeout` and `AbortSignal.any`. */
export function startDeadline(ms: number, parent?: AbortSignal): Deadline {
  const controller = new AbortController();
  const onAbort = () => controller.abort(parent?.reason);
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${ms / 1000} s`)), ms);
  if (parent?.aborted) onAbort();
  else parent?.addEventListener('abort', onAbort);
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer);
      parent?.removeEventListener('abort', onAbort);
    },
  };
}
