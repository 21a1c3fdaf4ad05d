import { defaultShotList, type SessionMode, type ShotList, type Turntable } from '@spinbay/contracts';
import { useEffect, useState } from 'react';
import { Text, View } from 'react-native';
import { useNavigate } from 'react-router';
import { type StorageFault, storageFaultOf } from '../features/outbox/storage-fault.ts';
import {
  useAuthState,
  useOutboxState,
  useServices,
  useSettings,
  useShotLists,
  useSites,
} from '../features/services.tsx';
import { findOpenSession, joinSession, type OpenSession, openSessionsHere } from '../features/session/open-sessions.ts';
import type { OwnLists } from '../features/session/own-shot-lists.ts';
import { readVehicle, type VehicleFault, wrongCheckDigit } from '../features/session/vehicle.ts';
import { usePlatform } from '../platform/platform.tsx';
import { useTexts } from '../texts/texts.tsx';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/choice.tsx';
import { Field } from '../ui/field.tsx';
import { Icon } from '../ui/icon.tsx';
import { Notice } from '../ui/notice.tsx';
import { IconButton, Screen } from '../ui/screen.tsx';
import { useTheme } from '../ui/theme.tsx';
import { FoundSession } from './parts/found-session.tsx';
import { QueueButton } from './parts/queue-button.tsx';
import { ScanVin } from './parts/scan-vin.tsx';
import { SignedOutNotice } from './parts/signed-out-notice.tsx';
import { StillsSetup } from './parts/stills-setup.tsx';
import { UnfinishedSessions } from './parts/unfinished-sessions.tsx';
import { UnsentNotice } from './parts/unsent-notice.tsx';

const frameCounts = [8, 12, 24, 36, 48, 72];

/** Chooses the vehicle and what to shoot. Works without a network, because the app generates all ids. */
export function SetupScreen() {
  const { outbox, client, settings, config, shotLists } = useServices();
  const { siteId: lastSite, frameCount, shotListId } = useSettings();
  const { status } = useAuthState();
  const state = useOutboxState();
  const sites = useSites();
  const ownLists = useShotLists();
  const platform = usePlatform();
  const texts = useTexts();
  const theme = useTheme();
  const navigate = useNavigate();
  const [stock, setStock] = useState('');
  const [vin, setVin] = useState('');
  const [mode, setMode] = useState<SessionMode>('studio360');
  const [turntable, setTurntable] = useState<Turntable>('clockwise');
  const [fault, setFault] = useState<VehicleFault | StorageFault | 'no_site' | null>(null);
  const [found, setFound] = useState<OpenSession | null>(null);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    // Loads the lists that an administrator has just made. Without a network, the stored ones are shown.
    shotLists.refresh().catch(() => undefined);
  }, [shotLists]);

  const wanted = [lastSite, config.site_id, sites[0]?.id];
  const siteId = wanted.find((id) => sites.some((site) => site.id === id)) ?? null;
  const ownList = ownLists.find(({ id }) => id === shotListId);
  const shotList = shotListOf(mode, frameCount, ownList);
  const checkDigit = wrongCheckDigit(vin);

  /** @param force start a new session even if this vehicle has an open one */
  const start = async (force: boolean) => {
    const read = readVehicle({ stock, vin });
    if ('fault' in read) return setFault(read.fault);
    if (siteId === null) return setFault('no_site');
    setFault(null);
    setBusy(true);
    try {
      const { vehicle } = read;
      const open = force ? null : await findOpenSession(client, state.sessions, { siteId, vehicle, mode });
      setFound(open);
      if (open !== null) return;
      const id = platform.randomId();
      const turns = mode === 'studio360' ? { turntable } : {};
      const created_at = new Date().toISOString();
      await outbox.addSession({ id, site_id: siteId, vehicle, mode, shot_list: shotList, ...turns, created_at });
      void platform.persistStorage();
      navigate(`/sessions/${id}/capture`);
    } catch (error) {
      setFault(storageFaultOf(error));
    } finally {
      setBusy(false);
    }
  };

  const resume = async (session: OpenSession) => {
    if (!session.onThisDevice) {
      const added = {
        id: session.id,
        site_id: session.siteId,
        vehicle: session.vehicle,
        mode: session.mode,
        shot_list: session.shotList,
        ...(session.turntable && { turntable: session.turntable }),
        created_at: session.createdAt,
        on_server: true,
      };
      try {
        await outbox.addSession(added);
      } catch (error) {
        return setFault(storageFaultOf(error));
      }
      joinSession(client, session);
    }
    navigate(`/sessions/${session.id}/capture`);
  };

  const vehicleFaults = {
    vehicle_needed: texts.setup.vehicleNeeded,
    vin_malformed: texts.setup.vinMalformed,
    stock_too_long: texts.setup.stockTooLong,
    stock_malformed: texts.setup.stockMalformed,
  };
  const isOfStock = fault === 'vehicle_needed' || fault === 'stock_too_long' || fault === 'stock_malformed';
  const stockFault = isOfStock ? vehicleFaults[fault] : undefined;
  const vinHint = checkDigit
    ? texts.setup.vinCheckDigit(checkDigit.found, checkDigit.due)
    : vin.trim() === ''
      ? undefined
      : texts.setup.vinLength(vin.trim().length);
  return (
    <Screen
      title={texts.setup.title}
      actions={
        <>
          <QueueButton />
          <IconButton label={texts.settings.title} onPress={() => navigate('/settings')}>
            <Icon name="settings" color={theme.text} />
          </IconButton>
        </>
      }
      footer={
        <Button kind="main" title={texts.setup.create} busy={busy} onPress={() => void start(false)} testID="create" />
      }
    >
      {status === 'signed_out' && <SignedOutNotice />}
      {state.storage.low && <Notice kind="danger" title={texts.setup.lowStorage} />}
      <UnfinishedSessions
        sessions={openSessionsHere(state.sessions).slice(0, 3)}
        onContinue={(id) => navigate(`/sessions/${id}/capture`)}
      />
      <UnsentNotice />
      {sites.length === 0 ? (
        <Notice kind={fault === 'no_site' ? 'danger' : 'warning'} title={texts.setup.noSites} />
      ) : (
        siteId !== null &&
        sites.length > 1 && (
          <Choice
            label={texts.setup.site}
            options={sites.map(({ id, name }) => ({ value: id, title: name }))}
            value={siteId}
            onChange={(id) => settings.change({ siteId: id })}
          />
        )
      )}
      <Field
        label={texts.setup.stock}
        value={stock}
        onChange={setStock}
        maxLength={200}
        fault={stockFault}
        testID="stock"
      />
      <Field
        label={texts.setup.vin}
        value={vin}
        onChange={setVin}
        maxLength={40}
        hint={vinHint}
        fault={fault === 'vin_malformed' ? vehicleFaults[fault] : undefined}
        testID="vin"
      />
      <ScanVin vin={vin} onVin={setVin} />
      {found !== null && (
        <FoundSession session={found} onContinue={() => void resume(found)} onStartNew={() => void start(true)} />
      )}
      {fault === 'storage_full' && <Notice kind="danger" title={texts.storageFull} />}
      {fault === 'not_stored' && <Notice kind="danger" title={texts.setup.notStored} />}
      <Choice
        label={texts.setup.mode}
        options={[
          { value: 'studio360', title: texts.setup.studio360 },
          { value: 'stills', title: texts.setup.stills },
        ]}
        value={mode}
        onChange={setMode}
      />
      {mode === 'studio360' ? (
        <>
          <View style={{ gap: 6 }}>
            <Choice
              label={texts.setup.frames}
              options={frameCounts.map((count) => ({ value: count, title: String(count) }))}
              value={frameCount}
              onChange={(count) => settings.change({ frameCount: count })}
            />
            <Text style={{ color: theme.dim, fontSize: 15 }}>{texts.setup.framesHint(frameCount)}</Text>
          </View>
          <Choice
            label={texts.setup.turntable}
            options={[
              { value: 'clockwise', title: texts.setup.clockwise },
              { value: 'counterclockwise', title: texts.setup.counterclockwise },
            ]}
            value={turntable}
            onChange={setTurntable}
          />
        </>
      ) : (
        <StillsSetup
          lists={ownLists}
          chosen={ownList?.id ?? null}
          shots={shotList.stills ?? []}
          onChoose={(id) => settings.change({ shotListId: id })}
        />
      )}
      {state.storage.persisted === false && (
        <Text style={{ color: theme.dim, fontSize: 15 }}>{texts.setup.notPersistent}</Text>
      )}
    </Screen>
  );
}

function shotListOf(mode: SessionMode, frameCount: number, own: OwnLists[number] | undefined): ShotList {
  if (mode === 'studio360') return { studio360: { frame_count: frameCount } };
  return own === undefined ? defaultShotList(mode) : { stills: own.shots };
}
