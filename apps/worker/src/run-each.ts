/**
 * Runs steps one after the other, even if some of them fail, until the signal aborts.
 * @throws the error of the step that failed, or an AggregateError of several; nothing if the signal aborted
 */
export async function runEach(steps: readonly (() => Promise<void>)[], signal: AbortSignal): Promise<void> {
  const faults: unknown[] = [];
  for (const step of steps) {
    if (signal.aborted) return;
    try {
      await step();
    } catch (error) {
      if (signal.aborted) return;
      faults.push(error);
    }
  }
  if (faults.length === 1) throw faults[0];
  if (faults.length > 1) throw new AggregateError(faults, `${faults.length} of ${steps.length} steps failed`);
}
