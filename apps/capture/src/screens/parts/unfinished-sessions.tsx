import type { LocalSession } from '@spinbay/outbox';
import { Text, View } from 'react-native';
import { expectedFrames } from '../../features/session/open-sessions.ts';
import { vehicleName } from '../../features/session/vehicle.ts';
import { useTexts } from '../../texts/texts.tsx';
import { Button } from '../../ui/button.tsx';
import { gap, radius, useTheme } from '../../ui/theme.tsx';

interface UnfinishedSessionsProps {
  readonly sessions: readonly LocalSession[];
  readonly onContinue: (sessionId: string) => void;
}

/** Unfinished sessions on this device. After a crash or a break, a tap continues one. */
export function UnfinishedSessions({ sessions, onContinue }: UnfinishedSessionsProps) {
  const theme = useTheme();
  const texts = useTexts();
  if (sessions.length === 0) return null;
  return (
    <View style={{ gap: 8 }}>
      <Text role="heading" aria-level={2} style={{ color: theme.text, fontSize: 18, fontWeight: '700' }}>
        {texts.setup.openHere}
      </Text>
      {sessions.map((session) => {
        const taken = new Set(session.photos.map((photo) => photo.angle_deg ?? photo.shot_name)).size;
        return (
          <View
            key={session.id}
            style={{
              flexDirection: 'row',
              flexWrap: 'wrap',
              alignItems: 'center',
              gap,
              padding: 12,
              borderRadius: radius,
              borderWidth: 1,
              borderColor: theme.border,
              backgroundColor: theme.surface,
            }}
          >
            <View style={{ flex: 1, minWidth: 140 }}>
              <Text style={{ color: theme.text, fontSize: 18, fontWeight: '700' }}>{vehicleName(session.vehicle)}</Text>
              <Text style={{ color: theme.dim, fontSize: 16 }}>
                {`${session.mode === 'stills' ? texts.setup.stills : texts.setup.studio360} · ${texts.capture.progress(taken, expectedFrames(session.shot_list))}`}
              </Text>
            </View>
            <Button title={texts.setup.continue} onPress={() => onContinue(session.id)} />
          </View>
        );
      })}
    </View>
  );
}
