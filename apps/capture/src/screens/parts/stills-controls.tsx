import { useCallback, useEffect, useRef } from 'react';
import { Pressable, ScrollView, Text, View } from 'react-native';
import { isTaken, type SessionSlot } from '../../features/session/session-slots.ts';
import { slotName } from '../../features/session/slot-name.ts';
import { useTexts } from '../../texts/texts.tsx';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { IconButton } from '../../ui/screen.tsx';
import { radius, touch, useTheme } from '../../ui/theme.tsx';
import { Shutter } from './shutter.tsx';
import type { ControlsProps } from './spin-controls.tsx';

/** The width of the controls in landscape. */
const panelWidth = 236;

interface Place {
  readonly x: number;
  readonly y: number;
}

/** The checklist next to the shutter. A tap selects a shot. */
export function StillsControls({ slots, shooting, landscape, hand, canFinish, ready, onDone }: ControlsProps) {
  const texts = useTexts();
  const theme = useTheme();
  const { current } = shooting;
  const taken = slots.filter(isTaken).length;
  const strip = useRef<ScrollView>(null);
  const places = useRef(new Map<string, Place>());
  const key = current?.key;
  // Keeps the next shot visible, with a part of the previous one.
  const scrollTo = useCallback(
    (place: Place) => strip.current?.scrollTo(landscape ? { y: place.y - 16 } : { x: place.x - 60 }),
    [landscape],
  );
  useEffect(() => {
    const place = key === undefined ? undefined : places.current.get(key);
    if (place) scrollTo(place);
  }, [key, scrollTo]);
  const list = (
    <ScrollView
      ref={strip}
      horizontal={!landscape}
      showsHorizontalScrollIndicator={false}
      style={landscape ? { flex: 1 } : { flexGrow: 0 }}
      contentContainerStyle={{ gap: 8, padding: 8, flexDirection: landscape ? 'column' : 'row' }}
    >
      {slots.map((slot) => (
        <Shot
          key={slot.key}
          slot={slot}
          isCurrent={slot.key === current?.key}
          onPress={() => shooting.select(slot.key)}
          onPlace={(place) => {
            places.current.set(slot.key, place);
            // After the first layout, and after later ones, because taken shots become wider and move the others.
            if (slot.key === key) scrollTo(place);
          }}
        />
      ))}
    </ScrollView>
  );
  const progress = texts.capture.progress(taken, slots.length);
  const undo = (
    <IconButton label={texts.capture.undo} onPress={shooting.undo} disabled={!shooting.canUndo} testID="undo">
      <Icon name="undo" color={theme.text} />
    </IconButton>
  );
  const done = (!landscape || current === null || canFinish) && (
    <Button kind="main" title={texts.capture.done} onPress={onDone} disabled={!canFinish} testID="done" />
  );
  const name = current === null ? texts.capture.doneLong : slotName(current, texts);
  return (
    <View style={{ backgroundColor: theme.surface, ...(landscape ? { width: panelWidth } : {}) }}>
      {list}
      <Text
        testID="shot-name"
        role="status"
        {...(landscape ? { numberOfLines: 2 } : {})}
        style={{
          color: theme.text,
          fontSize: 20,
          fontWeight: '800',
          textAlign: 'center',
          paddingTop: 4,
          paddingHorizontal: 8,
        }}
      >
        {/* In landscape the end of a long name is cut off, so the progress comes first. */}
        {landscape ? `${progress} · ${name}` : `${name} · ${progress}`}
      </Text>
      <View
        style={{
          flexDirection: hand === 'right' ? 'row' : 'row-reverse',
          alignItems: 'center',
          justifyContent: 'space-around',
          gap: 8,
          padding: 10,
        }}
      >
        {landscape ? (
          <View style={{ alignItems: 'center', gap: 8 }}>
            {undo}
            {done}
          </View>
        ) : (
          undo
        )}
        {current !== null && (
          <Shutter label={texts.capture.shutterFor(name)} disabled={!ready} onPress={shooting.press} />
        )}
        {!landscape && done}
      </View>
    </View>
  );
}

interface ShotProps {
  readonly slot: SessionSlot;
  readonly isCurrent: boolean;
  readonly onPress: () => void;
  readonly onPlace: (place: Place) => void;
}

function Shot({ slot, isCurrent, onPress, onPlace }: ShotProps) {
  const theme = useTheme();
  const texts = useTexts();
  const name = slotName(slot, texts);
  const taken = isTaken(slot);
  const failed = slot.photo?.qc?.verdict === 'fail';
  const state = [taken ? texts.stills.taken : texts.stills.open, ...(slot.required ? [] : [texts.stills.optional])];
  return (
    <Pressable
      role="button"
      aria-label={`${name}, ${state.join(', ')}`}
      testID={`shot-${slot.shotName}`}
      onPress={onPress}
      onLayout={({ nativeEvent: { layout } }) => onPlace(layout)}
      style={{
        minHeight: touch,
        maxWidth: 260,
        paddingHorizontal: 14,
        flexDirection: 'row',
        alignItems: 'center',
        gap: 8,
        borderRadius: radius,
        borderWidth: isCurrent ? 3 : 1,
        borderColor: isCurrent ? '#ffffff' : theme.border,
        borderStyle: slot.required ? 'solid' : 'dashed',
        backgroundColor: '#1b2229',
      }}
    >
      {taken && (
        <View style={{ flexShrink: 0 }}>
          <Icon name="check" color={failed ? theme.warning : theme.good} size={22} />
        </View>
      )}
      <Text numberOfLines={2} style={{ color: theme.text, fontSize: 16, fontWeight: '600', flexShrink: 1 }}>
        {name}
      </Text>
    </Pressable>
  );
}
