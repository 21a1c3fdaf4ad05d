import { Text, View } from 'react-native';
import { useNavigate } from 'react-router';
import { useOutboxState } from '../../features/services.tsx';
import { useTexts } from '../../texts/texts.tsx';
import { Icon } from '../../ui/icon.tsx';
import { IconButton } from '../../ui/screen.tsx';
import { useTheme } from '../../ui/theme.tsx';

/** Opens the queue and shows how many photos have not arrived yet. */
export function QueueButton() {
  const theme = useTheme();
  const texts = useTexts();
  const navigate = useNavigate();
  const { items } = useOutboxState();
  const photos = items.filter(({ kind }) => kind === 'photo');
  const stuck = items.some(({ upload }) => upload.state === 'stuck');
  return (
    <IconButton label={texts.queue.open(photos.length)} onPress={() => navigate('/queue')} testID="queue-button">
      <Icon name="upload" color={theme.text} />
      {photos.length > 0 && (
        <View
          aria-hidden
          style={{
            position: 'absolute',
            top: 2,
            right: 0,
            minWidth: 24,
            height: 24,
            paddingHorizontal: 5,
            borderRadius: 12,
            alignItems: 'center',
            justifyContent: 'center',
            backgroundColor: stuck ? theme.danger : theme.accent,
          }}
        >
          <Text style={{ color: stuck ? theme.dangerSurface : theme.onAccent, fontSize: 14, fontWeight: '800' }}>
            {photos.length}
          </Text>
        </View>
      )}
    </IconButton>
  );
}
