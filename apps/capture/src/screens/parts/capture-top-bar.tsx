import type { LocalSession } from '@spinbay/outbox';
import { Text, View } from 'react-native';
import type { AutoState } from '../../features/camera/use-auto-shutter.ts';
import type { Shooting } from '../../features/camera/use-shooting.ts';
import { useOutboxState } from '../../features/services.tsx';
import { vehicleName } from '../../features/session/vehicle.ts';
import { useTexts } from '../../texts/texts.tsx';
import { Icon } from '../../ui/icon.tsx';
import { IconButton } from '../../ui/screen.tsx';
import { useTheme } from '../../ui/theme.tsx';
import { QueueButton } from './queue-button.tsx';

interface CaptureTopBarProps {
  readonly session: LocalSession;
  readonly shooting: Shooting;
  readonly autoState: AutoState;
  readonly isSpin: boolean;
  readonly onBack: () => void;
  readonly onOptions: () => void;
}

export function CaptureTopBar({ session, shooting, autoState, isSpin, onBack, onOptions }: CaptureTopBarProps) {
  const theme = useTheme();
  const texts = useTexts();
  const { online } = useOutboxState();
  const auto = autoWords();
  const chips = [
    ...(online ? [] : [texts.offline]),
    ...(isSpin ? [lockWords()] : []),
    shooting.saving.size > 0 ? texts.capture.saving(shooting.saving.size) : texts.capture.allSafe,
    ...(shooting.lastBurst === null ? [] : [texts.capture.sharpestOf(shooting.lastBurst.taken, shooting.lastBurst.of)]),
  ];

  function autoWords(): string | null {
    if (autoState.phase === 'off') return null;
    if (autoState.phase === 'counting') return texts.capture.auto.next(autoState.secondsLeft);
    return autoState.phase === 'waiting' ? texts.capture.auto.waiting : texts.capture.auto.moving;
  }
  function lockWords(): string {
    if (shooting.lock === null) return texts.capture.lockShort.pending;
    const { exposure, white_balance } = shooting.lock;
    const both = exposure === 'locked' && white_balance === 'locked';
    return both ? texts.capture.lockShort.locked : texts.capture.lockShort.watching;
  }

  return (
    <View pointerEvents="box-none">
      <View
        style={{
          flexDirection: 'row',
          alignItems: 'center',
          gap: 4,
          paddingHorizontal: 6,
          backgroundColor: theme.surface,
        }}
      >
        <IconButton label={texts.back} onPress={onBack}>
          <Icon name="back" color={theme.text} />
        </IconButton>
        <Text
          role="heading"
          aria-level={1}
          numberOfLines={1}
          style={{ flex: 1, color: theme.text, fontSize: 19, fontWeight: '700' }}
        >
          {vehicleName(session.vehicle)}
        </Text>
        <QueueButton />
        <IconButton label={texts.capture.options} onPress={onOptions} testID="options">
          <Icon name="settings" color={theme.text} />
        </IconButton>
      </View>
      <View
        pointerEvents="none"
        role="status"
        style={{ flexDirection: 'row', flexWrap: 'wrap', gap: 6, padding: 8, justifyContent: 'center' }}
      >
        {chips.map((words) => (
          <Text
            key={words}
            style={{
              color: theme.text,
              backgroundColor: theme.surface,
              paddingHorizontal: 10,
              paddingVertical: 4,
              borderRadius: 12,
              fontSize: 14,
              fontWeight: '600',
            }}
          >
            {words}
          </Text>
        ))}
      </View>
      {auto !== null && (
        <Text
          style={{
            alignSelf: 'center',
            color: '#05222c',
            backgroundColor: theme.accent,
            paddingHorizontal: 16,
            paddingVertical: 8,
            borderRadius: 14,
            fontSize: 18,
            fontWeight: '700',
            textAlign: 'center',
          }}
        >
          {auto}
        </Text>
      )}
    </View>
  );
}
