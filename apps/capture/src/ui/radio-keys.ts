interface Radio {
  focus(): void;
  click(): void;
}

interface KeyEvent {
  readonly key?: string;
  readonly target: unknown;
  readonly currentTarget: { querySelectorAll?(selector: string): ArrayLike<Radio> };
  preventDefault(): void;
}

const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, ' ': 0 };

/** The keys of a radio group in a browser: the arrows move and choose, Space chooses. */
export const radioKeys: object = {
  onKeyDown(event: KeyEvent) {
    const step = steps[event.key ?? ''];
    const radios = Array.from(event.currentTarget.querySelectorAll?.('[role=radio]') ?? []);
    const at = radios.indexOf(event.target as Radio);
    if (step === undefined || at === -1) return;
    event.preventDefault();
    const next = radios[(at + step + radios.length) % radios.length];
    next?.focus();
    next?.click();
  },
};
