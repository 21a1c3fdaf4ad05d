import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { ApiError } from '@spinbay/client';
import type { Session, Vehicle } from '@spinbay/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { faultWords } from '../../../api/faults.ts';
import { texts } from '../../../ui/texts.ts';
import { useFocusOnFault } from '../../../ui/use-focus-on-fault.ts';
import { notifyOtherTabs } from '../api/other-tabs.ts';
import { useFocusBack } from '../use-focus-back.ts';
import { vehicleChange } from '../vehicle-change.ts';

const words = texts.vehicle;

interface VehicleFormProps {
  readonly session: Session;
  readonly onClose: () => void;
}

/** Corrects the stock number and the VIN of the session's vehicle. */
export function VehicleForm({ session, onClose }: VehicleFormProps) {
  const { client } = useApi();
  const queries = useQueryClient();
  // As it was when the form opened: a field that nobody edits here must not undo what somebody else enters meanwhile.
  const [vehicle] = useState(session.vehicle);
  const [stock, setStock] = useState(vehicle.stock ?? '');
  const [vin, setVin] = useState(vehicle.vin ?? '');
  const change = vehicleChange(vehicle, { stock, vin });
  const [submissions, setSubmissions] = useState(0);
  const faults = submissions > 0 ? change.faults : {};
  const form = useFocusOnFault(submissions);
  useFocusBack();
  const save = useMutation({
    mutationFn: async () =>
      (await client.updateVehicle({ params: { vehicle_id: vehicle.id }, body: change.body })).body,
    onSuccess: async (corrected: Vehicle) => {
      // A request in progress may still return the old numbers.
      await queries.cancelQueries({ queryKey: ['session', session.id] });
      queries.setQueryData<Session>(['session', session.id], (known) => known && { ...known, vehicle: corrected });
      void queries.invalidateQueries({ queryKey: ['sessions'] });
      notifyOtherTabs(session.id);
      onClose();
    },
  });
  const submit = () => {
    setSubmissions((before) => before + 1);
    if (Object.keys(change.faults).length > 0) return;
    if (Object.keys(change.body).length === 0) onClose();
    else save.mutate();
  };
  return (
    <Modal
      opened
      returnFocus={false}
      onClose={onClose}
      title={words.title}
      centered
      // The header of a page is a landmark, the header of a dialog is not.
      attributes={{ header: { role: 'none' } }}
      radius="lg"
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': words.cancel }}
    >
      <form
        ref={form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!save.isPending) submit();
        }}
      >
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            {words.body}
          </Text>
          {save.error !== null && (
            <Alert color="red" variant="light" title={words.notSaved} role="alert">
              {save.error instanceof ApiError ? save.error.message : faultWords(save.error).body}
            </Alert>
          )}
          <TextInput
            data-autofocus
            label={words.stock}
            value={stock}
            error={faults.stock}
            maxLength={64}
            autoComplete="off"
            onChange={({ currentTarget }) => setStock(currentTarget.value)}
          />
          <TextInput
            label={words.vin}
            description={words.vinHint}
            value={vin}
            error={faults.vin}
            maxLength={40}
            autoComplete="off"
            spellCheck={false}
            onChange={({ currentTarget }) => setVin(currentTarget.value)}
          />
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              {words.cancel}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {words.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
