import { ScrollView, Text } from 'react-native';
import { useTexts } from '../../texts/texts.tsx';
import { Button, Buttons } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { ChooseCamera } from './choose-camera.tsx';

interface CameraFailedProps {
  readonly title: string;
  readonly detail: string;
  readonly onRetry: () => void;
  readonly onBack: () => void;
}

/** The camera cannot be used. Says why, and what to do. */
export function CameraFailed({ title, detail, onRetry, onBack }: CameraFailedProps) {
  const texts = useTexts();
  return (
    <ScrollView
      tabIndex={0}
      style={{ flex: 1 }}
      contentContainerStyle={{
        flexGrow: 1,
        justifyContent: 'center',
        padding: 20,
        maxWidth: 560,
        width: '100%',
        alignSelf: 'center',
      }}
    >
      <Notice
        kind="danger"
        title={
          <Text role="heading" aria-level={1}>
            {title}
          </Text>
        }
        detail={detail}
        testID="camera-fault"
      >
        <ChooseCamera camera={null} />
        <Buttons>
          <Button kind="main" title={texts.retry} onPress={onRetry} />
          <Button title={texts.back} onPress={onBack} />
        </Buttons>
      </Notice>
    </ScrollView>
  );
}
