import {
  type ButtonHTMLAttributes,
  cloneElement,
  createContext,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  type RefObject,
  useContext,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import classes from './menu.module.css';

interface OpenMenu {
  readonly id: string;
  readonly opened: boolean;
  readonly width: number;
  readonly align: 'start' | 'end';
  readonly button: RefObject<HTMLButtonElement | null>;
  setOpened(opened: boolean): void;
  /** Closes the menu and returns the focus to its button. */
  close(): void;
}

interface MenuProps {
  readonly width: number;
  /** The edge at which menu and button are aligned. */
  readonly align?: 'start' | 'end';
  readonly children: ReactNode;
}

const MenuContext = createContext<OpenMenu | null>(null);
const RadioContext = createContext<{ value: string; onChange: (value: string) => void } | null>(null);

function useMenu(): OpenMenu {
  const menu = useContext(MenuContext);
  if (!menu) throw new Error('A part of a menu is used outside of Menu.');
  return menu;
}

/**
 * A menu below its button, following the menu button pattern of the ARIA Authoring Practices. The design system's menu needs
 * a layout engine, which adds 30 kB to the first screen. Here the caller chooses the alignment instead.
 */
export function Menu({ width, align = 'end', children }: MenuProps) {
  const [opened, setOpened] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = () => {
    setOpened(false);
    button.current?.focus();
  };
  useEffect(() => {
    if (!opened) return;
    const outside = ({ target }: Event) => {
      if (target instanceof Node && !root.current?.contains(target)) setOpened(false);
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('focusin', outside);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('focusin', outside);
    };
  }, [opened]);
  return (
    <MenuContext value={{ id, opened, width, align, button, setOpened, close }}>
      <div className={classes.root} ref={root}>
        {children}
      </div>
    </MenuContext>
  );
}

type TargetProps = ButtonHTMLAttributes<HTMLButtonElement> & { ref?: RefObject<HTMLButtonElement | null> };

function Target({ children }: { children: ReactElement<TargetProps> }) {
  const { id, opened, button, setOpened } = useMenu();
  return cloneElement(children, {
    ref: button,
    id: `${id}-button`,
    'aria-haspopup': 'menu',
    'aria-expanded': opened,
    'aria-controls': opened ? `${id}-menu` : undefined,
    onClick: () => setOpened(!opened),
    onKeyDown: (event) => {
      if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
      event.preventDefault();
      setOpened(true);
    },
  });
}

function Dropdown({ children }: { children: ReactNode }) {
  const { id, opened, width, align, close } = useMenu();
  const list = useRef<HTMLDivElement>(null);
  const items = () => [...(list.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
  useEffect(() => {
    if (!opened) return;
    const all = [...(list.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
    (all.find((item) => item.ariaChecked === 'true') ?? all[0])?.focus();
  }, [opened]);
  if (!opened) return null;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' || event.key === 'Tab') {
      if (event.key === 'Escape') event.preventDefault();
      return close();
    }
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const targets: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    all.at(target % all.length)?.focus();
  };
  return (
    <div
      className={classes.dropdown}
      style={{ width }}
      data-align={align}
      ref={list}
      role="menu"
      id={`${id}-menu`}
      aria-labelledby={`${id}-button`}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      {children}
    </div>
  );
}

interface ItemProps {
  readonly leftSection?: ReactNode;
  /** Ignores clicks, but keeps the focus. */
  readonly disabled?: boolean;
  /** Keeps the menu open, so that it can show the result of the action. */
  readonly keepsOpen?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function Item({ leftSection, disabled = false, keepsOpen = false, onClick, children }: ItemProps) {
  const { close } = useMenu();
  const choose = () => {
    if (disabled) return;
    if (!keepsOpen) close();
    onClick();
  };
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={classes.item}
      aria-disabled={disabled}
      onClick={choose}
    >
      {leftSection}
      {children}
    </button>
  );
}

interface RadioGroupProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: ReactNode;
}

function RadioGroup({ value, onChange, children }: RadioGroupProps) {
  return <RadioContext value={{ value, onChange }}>{children}</RadioContext>;
}

function RadioItem({ value, children }: { value: string; children: ReactNode }) {
  const group = useContext(RadioContext);
  const { close } = useMenu();
  const checked = group?.value === value;
  const choose = () => {
    close();
    group?.onChange(value);
  };
  return (
    <button
      type="button"
      role="menuitemradio"
      aria-checked={checked}
      tabIndex={-1}
      className={classes.item}
      onClick={choose}
    >
      <span className={classes.dot} data-checked={checked} />
      {children}
    </button>
  );
}

function Divider() {
  return <hr className={classes.divider} />;
}

Menu.Target = Target;
Menu.Dropdown = Dropdown;
Menu.Item = Item;
Menu.RadioGroup = RadioGroup;
Menu.RadioItem = RadioItem;
Menu.Divider = Divider;
