import { useNavigate } from 'react-router';
import { useAuthState } from '../../features/services.tsx';
import { useTexts } from '../../texts/texts.tsx';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';

/** Shown when the server no longer accepts this device. Shooting still works. */
export function SignedOutNotice() {
  const state = useAuthState();
  const texts = useTexts();
  const navigate = useNavigate();
  if (state.status !== 'signed_out') return null;
  return (
    <Notice kind="danger" title={texts.enrol.signedOut} detail={texts.enrol.signedOutDetail} testID="signed-out">
      <Button title={texts.enrol.again} onPress={() => navigate('/enrol')} />
    </Notice>
  );
}
