import { ScrollView, Text, View } from 'react-native';
import { type AutoMode, autoModes } from '../../features/camera/use-auto-shutter.ts';
import type { Shooting } from '../../features/camera/use-shooting.ts';
import { useServices, useSettings } from '../../features/services.tsx';
import type { Camera } from '../../platform/camera.ts';
import { usePlatform } from '../../platform/platform.tsx';
import { useTexts } from '../../texts/texts.tsx';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { ThemeProvider, useTheme } from '../../ui/theme.tsx';
import { ChooseCamera } from './choose-camera.tsx';
import { SmallCamera } from './small-camera.tsx';

interface CaptureOptionsProps {
  readonly auto: AutoMode;
  readonly onAuto: (mode: AutoMode) => void;
  readonly camera: Camera | null;
  readonly shooting: Shooting;
  readonly isSpin: boolean;
  readonly onReview: () => void;
  readonly onClose: () => void;
}

export function CaptureOptions(props: CaptureOptionsProps) {
  return (
    <ThemeProvider>
      <Sheet {...props} />
    </ThemeProvider>
  );
}

function Sheet({ auto, onAuto, camera, shooting, isSpin, onReview, onClose }: CaptureOptionsProps) {
  const theme = useTheme();
  const { views } = usePlatform();
  const texts = useTexts();
  const { settings } = useServices();
  const { grid, ghost } = useSettings();
  const onOff = [
    { value: true, title: texts.settings.on },
    { value: false, title: texts.settings.off },
  ];
  const lock = (state: Shooting['lock'], part: 'exposure' | 'white_balance') =>
    state === null ? texts.capture.lockPending : texts.capture.lock[state[part]];
  return (
    <views.Dialog label={texts.capture.options} onClose={onClose}>
      <View style={{ flex: 1, backgroundColor: theme.background }}>
        <ScrollView
          tabIndex={0}
          contentContainerStyle={{ padding: 20, gap: 20, maxWidth: 720, width: '100%', alignSelf: 'center' }}
          style={{ flex: 1 }}
        >
          <Text role="heading" aria-level={2} style={{ color: theme.text, fontSize: 24, fontWeight: '800' }}>
            {texts.capture.options}
          </Text>
          {camera !== null && <SmallCamera camera={camera} />}
          <ChooseCamera camera={camera} />
          {isSpin && (
            <>
              <Choice
                label={texts.capture.autoMode}
                options={(camera?.canGlance === false
                  ? autoModes.filter((mode) => mode !== 'turntable')
                  : autoModes
                ).map((mode) => ({
                  value: mode,
                  title: typeof mode === 'number' ? texts.capture.auto.seconds(mode) : texts.capture.auto[mode],
                }))}
                value={auto}
                onChange={onAuto}
              />
              <View style={{ gap: 4 }}>
                <Text style={{ color: theme.text, fontSize: 17 }}>
                  {`${texts.capture.exposure}: ${lock(shooting.lock, 'exposure')}`}
                </Text>
                <Text style={{ color: theme.text, fontSize: 17 }}>
                  {`${texts.capture.whiteBalance}: ${lock(shooting.lock, 'white_balance')}`}
                </Text>
              </View>
              <Button
                title={shooting.lock === null ? texts.capture.lightLock : texts.capture.lightUnlock}
                onPress={shooting.toggleLock}
                disabled={camera === null}
              />
              <Choice
                label={texts.capture.ghost}
                options={onOff}
                value={ghost}
                onChange={(value) => settings.change({ ghost: value })}
              />
            </>
          )}
          <Choice
            label={texts.capture.grid}
            options={onOff}
            value={grid}
            onChange={(value) => settings.change({ grid: value })}
          />
          <Button title={texts.review.title} onPress={onReview} />
        </ScrollView>
        <View style={{ padding: 12, borderTopWidth: 1, borderColor: theme.border }}>
          <Button kind="main" title={texts.close} onPress={onClose} testID="close-options" />
        </View>
      </View>
    </views.Dialog>
  );
}
