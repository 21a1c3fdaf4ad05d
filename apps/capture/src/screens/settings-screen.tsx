import { Text, View } from 'react-native';
import { useNavigate } from 'react-router';
import { useAuthState, useOutboxState, useServices, useSettings } from '../features/services.tsx';
import { languages, type Settings } from '../features/settings/settings.ts';
import { useTexts } from '../texts/texts.tsx';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/choice.tsx';
import { Screen } from '../ui/screen.tsx';
import { useTheme } from '../ui/theme.tsx';

export function SettingsScreen() {
  const { settings, outbox, appVersion } = useServices();
  const chosen = useSettings();
  const auth = useAuthState();
  const { storage } = useOutboxState();
  const texts = useTexts();
  const theme = useTheme();
  const navigate = useNavigate();
  const words = texts.settings;
  const change = (some: Partial<Settings>) => settings.change(some);
  const changeSending = (some: Pick<Partial<Settings>, 'keepOriginals' | 'originalsOnMetered'>) => {
    settings.change(some);
    // If the device is full, the outbox stores them when the app starts again.
    outbox.settings(some).catch(() => undefined);
  };
  return (
    <Screen title={words.title} back={{ label: texts.back, onPress: () => navigate(-1) }}>
      <Choice
        label={words.language}
        options={[
          { value: 'system', title: words.system },
          ...Object.entries(languages).map(([value, title]) => ({ value: value as Settings['language'], title })),
        ]}
        value={chosen.language}
        onChange={(language) => change({ language })}
      />
      <Choice
        label={words.hand}
        options={[
          { value: 'left', title: words.left },
          { value: 'right', title: words.right },
        ]}
        value={chosen.hand}
        onChange={(hand) => change({ hand })}
      />
      <Choice
        label={words.sound}
        options={[
          { value: true, title: words.on },
          { value: false, title: words.off },
        ]}
        value={chosen.sound}
        onChange={(sound) => change({ sound })}
      />
      <Choice
        label={words.quality}
        options={[
          { value: 'normal', title: words.normal },
          { value: 'high', title: words.high },
        ]}
        value={chosen.quality}
        onChange={(quality) => change({ quality })}
      />
      <Choice
        label={words.burst}
        options={[
          { value: false, title: words.off },
          { value: true, title: words.on },
        ]}
        value={chosen.burst}
        onChange={(burst) => change({ burst })}
      />
      <Choice
        label={words.keepOriginals}
        options={[
          { value: false, title: words.remove },
          { value: true, title: words.keep },
        ]}
        value={chosen.keepOriginals}
        onChange={(keepOriginals) => changeSending({ keepOriginals })}
      />
      <Choice
        label={words.metered}
        options={[
          { value: true, title: words.meteredAll },
          { value: false, title: words.meteredPreviews },
        ]}
        value={chosen.originalsOnMetered}
        onChange={(originalsOnMetered) => changeSending({ originalsOnMetered })}
      />
      <View style={{ gap: 6 }}>
        <Text role="heading" aria-level={2} style={{ color: theme.text, fontSize: 18, fontWeight: '700' }}>
          {words.device}
        </Text>
        {auth.status !== 'none' && (
          <Text style={{ color: theme.dim, fontSize: 15 }}>{words.deviceId(auth.deviceId)}</Text>
        )}
        {storage.used !== undefined && (
          <Text style={{ color: theme.dim, fontSize: 15 }}>{words.storageUsed(Math.round(storage.used / 1e6))}</Text>
        )}
        <Text style={{ color: theme.dim, fontSize: 15 }}>{words.version(appVersion)}</Text>
      </View>
      <Button title={texts.enrol.again} onPress={() => navigate('/enrol')} />
    </Screen>
  );
}
