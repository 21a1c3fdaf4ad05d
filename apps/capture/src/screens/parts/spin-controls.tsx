import { Text, useWindowDimensions, View } from 'react-native';
import type { Shooting } from '../../features/camera/use-shooting.ts';
import { isTaken, type SessionSlot } from '../../features/session/session-slots.ts';
import { slotName } from '../../features/session/slot-name.ts';
import { useTexts } from '../../texts/texts.tsx';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { IconButton } from '../../ui/screen.tsx';
import { useTheme } from '../../ui/theme.tsx';
import { AngleDial } from './angle-dial.tsx';
import { Shutter } from './shutter.tsx';

export interface ControlsProps {
  readonly slots: readonly SessionSlot[];
  readonly shooting: Shooting;
  readonly landscape: boolean;
  readonly hand: 'right' | 'left';
  /** Whether all required photos are taken and stored. */
  readonly canFinish: boolean;
  readonly ready: boolean;
  readonly onDone: () => void;
}

/** The width of the controls in landscape. */
const panelWidth = 196;
const largestDial = 132;
/**
 * In landscape, the bars of a browser leave about 300 pixels of a phone's height. The other controls need 204 of them, and
 * the smallest dial 92. On a larger screen, 32 pixels stay free.
 */
const dialOn = (height: number) => Math.min(largestDial, Math.max(92, height - 236));

/** Controls within reach of the thumb: the dial, the shutter, undo. */
export function SpinControls({ slots, shooting, landscape, hand, canFinish, ready, onDone }: ControlsProps) {
  const texts = useTexts();
  const theme = useTheme();
  const { height } = useWindowDimensions();
  const { current } = shooting;
  const at = slots.findIndex(({ key }) => key === current?.key);
  const select = (by: number) => {
    const slot = slots.at((at === -1 && by < 0 ? slots.length + by : at + by) % slots.length);
    if (slot) shooting.select(slot.key);
  };
  const dial = (
    <View style={{ alignItems: 'center', gap: 2 }}>
      <AngleDial
        slots={slots}
        current={current}
        saving={shooting.saving}
        safe={shooting.safe}
        size={landscape ? dialOn(height) : largestDial}
        onSelect={shooting.select}
      />
      <View style={{ flexDirection: 'row' }}>
        <IconButton label={texts.capture.previous} onPress={() => select(-1)}>
          <Icon name="back" color={theme.text} />
        </IconButton>
        <IconButton label={texts.capture.next} onPress={() => select(1)}>
          <View style={{ transform: [{ scaleX: -1 }] }}>
            <Icon name="back" color={theme.text} />
          </View>
        </IconButton>
      </View>
    </View>
  );
  const isAgain = current !== null && isTaken(current);
  const again = isAgain && (
    <Text style={{ color: theme.text, fontSize: 14, fontWeight: '700' }}>
      {texts.capture.again(slotName(current, texts))}
    </Text>
  );
  const shutter =
    current === null ? (
      <Button kind="main" title={texts.capture.done} onPress={onDone} disabled={!canFinish} testID="done" />
    ) : (
      <View style={{ alignItems: 'center', gap: 6 }}>
        <Shutter
          label={
            isAgain ? texts.capture.again(slotName(current, texts)) : texts.capture.shutterFor(slotName(current, texts))
          }
          disabled={!ready}
          onPress={shooting.press}
        />
        {!landscape && again}
      </View>
    );
  const undo = (
    <IconButton label={texts.capture.undo} onPress={shooting.undo} disabled={!shooting.canUndo} testID="undo">
      <Icon name="undo" color={theme.text} />
    </IconButton>
  );
  const side = hand === 'right' ? 'row' : 'row-reverse';
  return (
    <View
      style={{
        flexDirection: landscape ? 'column' : side,
        alignItems: 'center',
        justifyContent: 'space-between',
        padding: 10,
        gap: 8,
        backgroundColor: theme.surface,
        ...(landscape ? { width: panelWidth } : {}),
      }}
    >
      {landscape ? (
        <>
          {dial}
          <View style={{ flexDirection: side, alignItems: 'center', gap: 8 }}>
            {undo}
            {shutter}
          </View>
          {again}
        </>
      ) : (
        <>
          {undo}
          {shutter}
          {dial}
        </>
      )}
    </View>
  );
}
