import { useCallback, useEffect, useRef, useState } from 'react';
import { Text } from 'react-native';
import { useLocation, useNavigate } from 'react-router';
import type { AuthFault } from '../features/auth/auth-fault.ts';
import { type Enrolment, parseEnrolment } from '../features/auth/enrolment.ts';
import { useAuthState, useServices } from '../features/services.tsx';
import { useTexts } from '../texts/texts.tsx';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import { useTheme } from '../ui/theme.tsx';

/** Enrols this device: with a code, with a scanned address, or with one tap if the organization needs no code. */
export function EnrolScreen() {
  const { auth, config } = useServices();
  const state = useAuthState();
  const texts = useTexts();
  const theme = useTheme();
  const navigate = useNavigate();
  const { hash } = useLocation();
  const [typed, setTyped] = useState('');
  const [fault, setFault] = useState<AuthFault | Error | null>(null);
  const [busy, setBusy] = useState(false);

  const enrol = useCallback(
    async (enrolment: Enrolment | null) => {
      if (enrolment === null) {
        setFault('code_malformed');
        return;
      }
      setBusy(true);
      setFault(null);
      try {
        const found = await auth.enrol(enrolment);
        setFault(found);
        if (found === null) navigate('/', { replace: true });
      } catch (error) {
        // For example, the device cannot read what it has stored.
        setFault(error instanceof Error ? error : new Error(String(error)));
      } finally {
        setBusy(false);
      }
    },
    [auth, navigate],
  );

  // A scanned code enrols automatically. It is removed from the address immediately, so that it is not in the history.
  const scanned = useRef('');
  useEffect(() => {
    if (scanned.current === hash) return;
    scanned.current = hash;
    if (hash === '') return;
    navigate('/enrol', { replace: true });
    void enrol(parseEnrolment(hash));
  }, [hash, enrol, navigate]);

  const faultWords = (of: AuthFault | Error): string => {
    if (of instanceof Error) return texts.enrol.unexpected(of.message);
    const words = texts.enrol.faults[of];
    if (of === 'other_server') return `${words} (${config.api_url})`;
    // An app cannot tell a server with an untrusted certificate from one that does not answer.
    const mayBeNotTrusted = of === 'offline' && config.api_url.startsWith('https:');
    return mayBeNotTrusted ? `${words} ${texts.enrol.notTrusted(config.api_url)}` : words;
  };
  const submit = () => void enrol(parseEnrolment(typed));
  return (
    <Screen
      title={texts.enrol.title}
      {...(state.status === 'none' ? {} : { back: { label: texts.back, onPress: () => navigate('/') } })}
      footer={<Button kind="main" title={texts.enrol.action} onPress={submit} busy={busy} testID="enrol" />}
    >
      {state.status === 'signed_out' ? (
        <Notice kind="warning" title={texts.enrol.faults[state.why]} detail={texts.enrol.signedOutDetail} />
      ) : (
        <Text style={{ color: theme.text, fontSize: 18, lineHeight: 26 }}>{texts.enrol.intro}</Text>
      )}
      <Field
        label={texts.enrol.code}
        value={typed}
        onChange={setTyped}
        onSubmit={submit}
        maxLength={500}
        hint={texts.enrol.codeHint}
        testID="code"
      />
      {fault !== null && (
        <Notice kind="danger" title={texts.enrol.failed} detail={faultWords(fault)} testID="enrol-fault" />
      )}
    </Screen>
  );
}
