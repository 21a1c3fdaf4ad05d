import { Button, Text } from '@mantine/core';
import { IconBuildingStore } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Navigate } from 'react-router';
import { useApi } from '../../../api/api-context.tsx';
import type { Proof } from '../../../api/identity.ts';
import { texts } from '../../../ui/texts.ts';
import { enterOrganization } from '../api/sign-in.ts';
import classes from './sign-in.module.css';
import { SignInFault } from './sign-in-fault.tsx';
import { SignInFrame } from './sign-in-frame.tsx';

interface OrganizationChoiceProps {
  readonly proof: Proof;
  readonly returnTo: string;
}

/** Lets people of several organizations choose one, after their identity was verified. */
export function OrganizationChoice({ proof, returnTo }: OrganizationChoiceProps) {
  const api = useApi();
  const enter = useMutation({ mutationFn: (orgId: string) => enterOrganization(api, proof, orgId) });
  if (enter.isSuccess) return <Navigate to={returnTo} replace />;
  return (
    <SignInFrame title={texts.signIn.chooseTitle}>
      <Text c="dimmed">{texts.signIn.chooseLead}</Text>
      {enter.isError && <SignInFault error={enter.error} />}
      <ul className={classes.choices}>
        {proof.organizations.map(({ org_id, name }) => (
          <li key={org_id}>
            <Button
              variant="default"
              size="md"
              fullWidth
              justify="flex-start"
              classNames={{ label: classes.choiceName }}
              leftSection={<IconBuildingStore size={20} aria-hidden="true" />}
              loading={enter.isPending && enter.variables === org_id}
              disabled={enter.isPending && enter.variables !== org_id}
              onClick={() => enter.mutate(org_id)}
            >
              {name}
            </Button>
          </li>
        ))}
      </ul>
      <Button component="a" href="/login" variant="subtle" size="compact-md">
        {texts.signIn.otherAccount}
      </Button>
    </SignInFrame>
  );
}
